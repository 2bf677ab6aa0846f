/** Statements of the transform processor on metrics, for tests, and what comes out in few words. */
import { EDITORS } from '#components/otelcol/processor/transform/functions.ts';
import type { ContextName } from '#ottl/context.ts';
import type { Editors } from '#ottl/editors/library.ts';
import { keyValues, type Attributes } from './metric-requests.ts';
import { attributesOf, editAll, type Edited } from './ottl-edit.ts';
import type { PlainMessage } from './otlp-proto.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A point at a time. */
export const at = (time: number, fields: Fields, attributes: Attributes = {}): Fields => ({
  timeUnixNano: time,
  attributes: keyValues(attributes),
  ...fields,
});

/** Runs statements of the transform processor on metrics of one scope. */
export function edit(
  items: readonly Fields[],
  statements: readonly string[],
  context: ContextName = 'metric',
  editors: Editors = EDITORS,
): Edited {
  return editAll(context, items, statements, { editors });
}

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

/** A metric as `KIND NAME`, its data beside its points, and its points. */
export function shown(metric: PlainMessage): {
  readonly is: string;
  readonly data: PlainMessage;
  readonly points: PlainMessage[];
} {
  const kinds = KINDS.filter((kind) => metric[kind] !== undefined);
  const { dataPoints = [], ...data } = (metric[kinds[0]] ?? {}) as PlainMessage;
  return { is: `${kinds.join('+')} ${String(metric['name'])}`, data, points: dataPoints as PlainMessage[] };
}

/** Each point as `{attributes}@time: value`. */
export const numbers = (metric: PlainMessage): string[] =>
  shown(metric).points.map((point) => {
    const attributes = Object.entries(attributesOf(point)).map(([key, value]) => `${key}=${String(value)}`);
    return `{${attributes.join()}}@${String(point['timeUnixNano'] ?? 0)}: ${String(point['asInt'] ?? point['asDouble'] ?? 'none')}`;
  });

export const pick = (message: PlainMessage, ...fields: string[]): PlainMessage =>
  Object.fromEntries(fields.filter((field) => field in message).map((field) => [field, message[field]]));
