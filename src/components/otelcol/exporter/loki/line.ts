/**
 * The line of a record in the formats of the hint `loki.format`: `json` (the default), `logfmt`, `raw` (the body as text). null:
 * there is no such line (a number that JSON does not have, a key without a character, an unknown format).
 */
import { isPlainList, isPlainMap, type PlainMap, type PlainValue } from '#codec/otlp/any-value.ts';
import { jsonOf, quoted, textOf } from '#codec/otlp/value-text.ts';
import { floatText } from '#text/go-number.ts';
import { readLogfmt, writeLogfmt, type LogfmtValue } from '#text/logfmt.ts';
import { HINTS, type Labelled } from './labels.ts';
import type { LogRecord } from './record.ts';

export function lineOf(record: LogRecord, left: Labelled): string | null {
  const format = record.resource.get(HINTS.format) ?? record.attributes.get(HINTS.format);
  switch (format === undefined ? 'json' : textOf(format)) {
    case 'json':
      return jsonLine(record, left);
    case 'logfmt':
      return logfmtLine(record, left);
    case 'raw':
      return textOf(record.body);
    default:
      return null;
  }
}

/** Members in this order; what is empty is left out. */
function jsonLine({ body, traceId, spanId, severityText, flags, scope }: LogRecord, left: Labelled): string | null {
  const attributes = left.attributes.size === 0 ? '' : jsonOf(left.attributes, true);
  const resources = left.resource.size === 0 ? '' : jsonOf(left.resource, true);
  const text = body === null ? '' : jsonOf(body, true);
  if (attributes === null || resources === null || text === null) return null;
  const members: [name: string, json: string][] = [
    ['body', text],
    ['traceid', textJson(traceId)],
    ['spanid', textJson(spanId)],
    ['severity', textJson(severityText)],
    ['flags', flags === 0 ? '' : String(flags)],
    ['attributes', attributes],
    ['resources', resources],
    ['instrumentation_scope', scope.name === '' ? '' : scopeJson(scope)],
  ];
  return `{${members.flatMap(([name, json]) => (json === '' ? [] : [`"${name}":${json}`])).join(',')}}`;
}

const textJson = (text: string): string => (text === '' ? '' : quoted(text, true));

function scopeJson({ name, version }: LogRecord['scope']): string {
  return `{"name":${quoted(name, true)}${version === '' ? '' : `,"version":${quoted(version, true)}`}}`;
}

function logfmtLine({ body, traceId, spanId, severityText, flags, scope }: LogRecord, left: Labelled): string | null {
  const values = bodyValues(body);
  if (traceId !== '') put(values, 'traceID', traceId);
  if (spanId !== '') put(values, 'spanID', spanId);
  if (severityText !== '') put(values, 'severity', severityText);
  if (flags !== 0) put(values, 'flags', String(flags));
  add(values, 'attribute', left.attributes);
  add(values, 'resource', left.resource);
  if (scope.name !== '') {
    values.push({ key: 'instrumentation_scope_name', value: scope.name, isText: true });
    if (scope.version !== '') values.push({ key: 'instrumentation_scope_version', value: scope.version, isText: true });
  }
  return writeLogfmt(values);
}

/** A body that is logfmt gives its pairs; `isText` is false for those: a value of them is never quoted for being `null`. */
function bodyValues(body: PlainValue): LogfmtValue[] {
  const values: LogfmtValue[] = [];
  if (typeof body === 'string') {
    const { pairs, problem } = readLogfmt(body, 'first');
    if (problem !== null) values.push({ key: 'msg', value: body, isText: true });
    else for (const [key, value] of pairs) values.push({ key, value, isText: false });
  } else if (body !== null && isPlainMap(body)) for (const [key, value] of body) addValue(values, key, value);
  else if (body !== null) addValue(values, isPlainList(body) ? 'body' : 'msg', body);
  return values;
}

/** Replaces the value of a key of the body; one that was read out of logfmt stays beside it, as in the Collector. */
function put(values: LogfmtValue[], key: string, value: string): void {
  const at = values.findIndex((one) => one.isText && one.key === key);
  if (at < 0) values.push({ key, value, isText: true });
  else values[at] = { key, value, isText: true };
}

function add(values: LogfmtValue[], prefix: string, attributes: PlainMap): void {
  for (const [key, value] of attributes) addValue(values, `${prefix}_${key}`, value);
}

/** What is inside of lists and maps stands flat, with the way to it in the key. */
function addValue(values: LogfmtValue[], key: string, value: PlainValue): void {
  if (value === null) return;
  if (isPlainList(value)) value.forEach((one, i) => addValue(values, `${key}_${i}`, one));
  else if (isPlainMap(value)) for (const [inner, one] of value) addValue(values, `${key}_${inner}`, one);
  else values.push({ key, value: valueText(value), isText: !(value instanceof Uint8Array) });
}

function valueText(value: string | boolean | bigint | number | Uint8Array): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return typeof value === 'number' ? floatText(value) : String(value);
}
