/**
 * Which attributes become labels (opentelemetry-collector-contrib `pkg/translator/loki`):
 *
 *     exporter                 OTLP, always
 *     job                      service.namespace/service.name, or service.name     of the resource
 *     instance                 service.instance.id                                  of the resource
 *     loki.resource.labels     names of attributes of the resource; in its attributes, or in those of the record
 *     loki.attribute.labels    names of attributes of the record
 *     loki.tenant              names of attributes; of the resource if it has this hint, else of the record
 *     level                    by the severity number, unless the record has an attribute of that name
 *
 * A hint is a text with commas between names, or a list. A name with dots that no attribute has leads into maps.
 */
import { sortedLabels, type Label } from '#codec/loki/labels.ts';
import { isPlainList, isPlainMap, type PlainMap, type PlainValue } from '#codec/otlp/any-value.ts';
import { textOf } from '#codec/otlp/value-text.ts';
import { floatText } from '#text/go-number.ts';
import type { LogRecord } from './record.ts';

export const HINTS = {
  attributes: 'loki.attribute.labels',
  resources: 'loki.resource.labels',
  tenant: 'loki.tenant',
  format: 'loki.format',
} as const;

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** What becomes of a record: its labels by the names of attributes, and the attributes that are left. */
export interface Labelled {
  readonly labels: ReadonlyMap<string, string>;
  readonly attributes: PlainMap;
  readonly resource: PlainMap;
}

export function labelled(record: LogRecord): Labelled {
  const { resource } = record;
  const attributes = withLevel(record);
  const labels = new Map<string, string>([['exporter', 'OTLP']]);
  const name = resource.get('service.name');
  const namespace = resource.get('service.namespace');
  if (name !== undefined)
    labels.set('job', namespace === undefined ? textOf(name) : `${textOf(namespace)}/${textOf(name)}`);
  const instance = resource.get('service.instance.id');
  if (instance !== undefined) labels.set('instance', textOf(instance));
  addNamed(labels, resource, resource.get(HINTS.resources));
  addNamed(labels, resource, attributes.get(HINTS.resources));
  addNamed(labels, attributes, attributes.get(HINTS.attributes));
  if (resource.has(HINTS.tenant)) addNamed(labels, resource, resource.get(HINTS.tenant));
  else addNamed(labels, attributes, attributes.get(HINTS.tenant));
  return { labels, attributes: without(attributes, labels), resource: without(resource, labels) };
}

/** The record's attributes with `level`, and with the hint that makes a label of it. */
function withLevel({ severityNumber, attributes }: LogRecord): PlainMap {
  if (severityNumber === 0) return attributes;
  const more = new Map(attributes);
  const hint = more.get(HINTS.attributes);
  if (hint === undefined) more.set(HINTS.attributes, 'level');
  else if (typeof hint === 'string') more.set(HINTS.attributes, `${hint},level`);
  else if (isPlainList(hint)) more.set(HINTS.attributes, [...hint, 'level']);
  if (!more.has('level')) more.set('level', levelOf(severityNumber));
  return more;
}

/** `DEBUG4`; a number that OTLP does not define is no level. */
function levelOf(severity: number): string {
  if (severity < 1 || severity > 24) return '';
  const step = (severity - 1) % 4;
  return `${LEVELS[Math.floor((severity - 1) / 4)]}${step === 0 ? '' : step + 1}`;
}

function addNamed(labels: Map<string, string>, attributes: PlainMap, hint: PlainValue | undefined): void {
  if (hint === undefined) return;
  for (const written of namesIn(hint)) {
    const name = written.trim();
    // No label can be called so: Loki would refuse the line.
    if (name === '') continue;
    const value = attributes.has(name) ? attributes.get(name) : nested(name, attributes);
    if (value !== undefined) labels.set(name, textOf(value));
  }
}

function namesIn(hint: PlainValue): readonly string[] {
  if (typeof hint === 'string') return hint.split(',');
  if (!isPlainList(hint)) return [textOf(hint)];
  return hint.map((one) => (one === null ? '<nil>' : typeof one === 'number' ? floatText(one) : textOf(one)));
}

function nested(name: string, attributes: PlainMap): PlainValue | undefined {
  let at: PlainValue | undefined = attributes;
  for (let rest = name; rest !== '';) {
    if (at === undefined || !isPlainMap(at)) return undefined;
    const dot = rest.indexOf('.');
    at = at.get(dot < 0 ? rest : rest.slice(0, dot));
    rest = dot < 0 ? '' : rest.slice(dot + 1);
  }
  return at;
}

const ALL_HINTS: ReadonlySet<string> = new Set(Object.values(HINTS));

function without(attributes: PlainMap, labels: ReadonlyMap<string, string>): PlainMap {
  const left = new Map<string, PlainValue>();
  for (const [name, value] of attributes) if (!ALL_HINTS.has(name) && !labels.has(name)) left.set(name, value);
  return left;
}

/** Names as Prometheus and Loki take them: `http.status` is `http_status`, `1st` `key_1st`, `_x` `key_x`. */
export function named(labels: ReadonlyMap<string, string>): Label[] {
  return sortedLabels([...labels].map(([name, value]): Label => [labelName(name), value]));
}

function labelName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_]/gu, '_');
  if (/^\d/.test(plain)) return `key_${plain}`;
  return plain.startsWith('_') && !plain.startsWith('__') ? `key${plain}` : plain;
}
