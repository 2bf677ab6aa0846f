/**
 * The key and the attributes of a series (semantics 13.2, 13.3), from the span that is the first of it: the slow way, which bytes that
 * were seen before do not take. In a key values are text, so that `200` and `"200"` are one series; parts say their length, so that no
 * two series share a key whatever values hold.
 */
import { valueText } from '#codec/otlp/value-text.ts';
import { AttributeWriter } from '#components/kit/series/attributes.ts';
import type { AttributeSet } from './attribute-set.ts';
import type { Dimension, NamedDimension } from './dimensions.ts';
import { byText, sized, type ResourceAttributes, type Value } from './resource.ts';
import type { Args } from './schema.ts';
import type { SpanFields } from './span-fields.ts';

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((k) => `SPAN_KIND_${k}`);
const STATUSES = ['UNSET', 'OK', 'ERROR'].map((s) => `STATUS_CODE_${s}`);

/** The span as it was read, and what is around it. */
export interface Sighting {
  readonly buf: Buffer;
  readonly span: SpanFields;
  readonly attributes: AttributeSet;
  /** Of the event that is counted; null: the span itself is. */
  readonly event: AttributeSet | null;
  readonly resource: ResourceAttributes;
  /** null: not shown. */
  readonly scope: { readonly name: string; readonly version: string } | null;
}

export class SeriesMaker {
  readonly #groups: readonly (readonly Dimension[])[];
  readonly #excluded: ReadonlySet<string>;
  /** null: not shown. */
  readonly #instanceId: string | null;
  readonly attributes = new AttributeWriter();
  readonly #written = new Set<string>();
  #key = '';

  constructor(args: Args, groups: readonly (readonly Dimension[])[], instanceId: string) {
    this.#groups = groups;
    this.#excluded = new Set(args.exclude_dimensions);
    this.#instanceId = args.include_collector_instance_id ? instanceId : null;
  }

  /** The key of the series in a group; its attributes are in `attributes` then. */
  make(group: number, sighting: Sighting): Buffer {
    const { buf, span, resource, scope } = sighting;
    this.attributes.reset();
    this.#written.clear();
    // Never empty: that is the key of what does not fit.
    this.#key = '.';
    this.#fixed('n', 'service.name', resource.serviceName ?? '');
    this.#fixed('s', 'span.name', buf.toString('utf8', span.nameStart, span.nameEnd));
    this.#fixed('k', 'span.kind', KINDS[span.kind]);
    this.#fixed('c', 'status.code', STATUSES[span.status]);
    if (this.#instanceId !== null) this.#fixed('i', 'collector.instance.id', this.#instanceId);
    if (scope !== null) {
      this.#fixed('m', 'span.instrumentation.scope.name', scope.name);
      if (scope.version !== '') this.#fixed('v', 'span.instrumentation.scope.version', scope.version);
    }
    for (const dimension of this.#groups[group]) {
      if ('glob' in dimension) this.#globbed(dimension.glob, sighting);
      else this.#named(dimension, sighting);
    }
    return Buffer.from(this.#key);
  }

  /** `sign` stands for the name in the key; names of attributes begin with a digit there. */
  #fixed(sign: string, name: string, value: string): void {
    if (this.#excluded.has(name) || !this.#isNew(name)) return;
    this.#key += `${sign}${sized(value)}`;
    this.attributes.string(name, value);
  }

  /** Of the span, else of the event, else of the resource, else the default. */
  #named(dimension: NamedDimension, { buf, attributes, event, resource }: Sighting): void {
    const { name, number, fallback } = dimension;
    if (attributes.start[number] >= 0) this.#value(name, buf, attributes.start[number], attributes.end[number]);
    else if (event !== null && event.start[number] >= 0) this.#value(name, buf, event.start[number], event.end[number]);
    else {
      const value = resource.values.get(name);
      if (value !== undefined) this.#value(name, buf, value.start, value.end);
      else if (fallback !== undefined) this.#text(name, fallback);
    }
  }

  /** Those of the span by name, then those of event and resource. */
  #globbed(glob: { test(text: string): boolean }, { buf, attributes, event, resource }: Sighting): void {
    const own = byName(buf, attributes);
    const around = new Map(resource.values);
    if (event !== null) for (const [name, value] of byName(buf, event)) around.set(name, value);
    for (const values of [own, around]) {
      const names = [...values.keys()].filter((name) => glob.test(name)).sort(byText);
      for (const name of names) {
        const value = values.get(name)!;
        this.#value(name, buf, value.start, value.end);
      }
    }
  }

  #value(name: string, buf: Buffer, start: number, end: number): void {
    if (!this.#isNew(name)) return;
    this.#key += `${sized(name)}${sized(valueText(buf, start, end))}`;
    this.attributes.value(name, buf, start, end);
  }

  #text(name: string, value: string): void {
    if (!this.#isNew(name)) return;
    this.#key += `${sized(name)}${sized(value)}`;
    this.attributes.string(name, value);
  }

  /** A point has each name once. */
  #isNew(name: string): boolean {
    if (this.#written.has(name)) return false;
    this.#written.add(name);
    return true;
  }
}

function byName(buf: Buffer, { globbed, globbedCount }: AttributeSet): Map<string, Value> {
  const values = new Map<string, Value>();
  for (let i = 0; i < globbedCount * 4; i += 4) {
    const name = buf.toString('utf8', globbed[i], globbed[i + 1]);
    if (!values.has(name)) values.set(name, { start: globbed[i + 2], end: globbed[i + 3] });
  }
  return values;
}
