/** Converters that look at the item they stand in. */
import { readAnyValue } from '#codec/otlp/any-value.ts';
import { METRIC_DATA, SPAN } from '#codec/otlp/fields.ts';
import { fail } from '../error.ts';
import { pointAttributes } from '../paths/metric.ts';
import type { Getter } from '../telemetry.ts';
import { textOf } from '../text.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';

/**
 * How many spans a sampled span stands for, by the threshold `th` of the OpenTelemetry entry in its trace state: `ot=th:8` means
 * that half of all spans were kept. 1 without one. Facts: OTEP 235; Collector contrib `pkg/sampling`.
 */
export function adjustedCount(traceState: string): number {
  const entry = traceState
    .split(',')
    .map((member) => member.trim())
    .find((member) => member.startsWith('ot='));
  if (entry === undefined) return 1;
  for (const field of entry.slice(3).split(';')) {
    if (!field.startsWith('th:')) continue;
    const digits = field.slice(3);
    if (!/^[0-9a-f]{1,14}$/.test(digits)) return fail('the threshold in the trace state is malformed');
    const rejected = Number.parseInt(digits.padEnd(14, '0'), 16);
    return 2 ** 56 / (2 ** 56 - rejected);
  }
  return 1;
}

/** Whether any point of the metric has the attribute (with that text, if `value` says one). */
function onPoints(args: Arguments): Getter {
  const key = Buffer.from(args.literal(0));
  const value = args.has(1) ? args.literal(1) : null;
  return (t) => {
    const { pointKind, metricData, point } = t;
    if (pointKind === 0) return false;
    const field = pointAttributes(t);
    for (let row = metricData.first(METRIC_DATA.dataPoints); row !== 0; row = metricData.next(row)) {
      point.set(metricData.valueAt(row), metricData.valueEnd(row));
      if (!point.find(field, key)) continue;
      if (value === null || textOf(readAnyValue(point.buf, point.start, point.stop)) === value) return true;
    }
    return false;
  };
}

export const ITEMS: readonly Converter[] = [
  converter(
    'IsRootSpan',
    [],
    'bool',
    'Whether the span has no parent.',
    () => (t) => {
      const { span } = t;
      if (span.locate(SPAN.parentSpanId))
        for (let at = span.start; at < span.stop; at++) if (span.buf[at] !== 0) return false;
      return true;
    },
    ['span'],
  ),
  converter('HasAttrKeyOnDatapoint', ['key'], 'bool', 'Whether a point of the metric has the attribute.', onPoints, [
    'metric',
  ]),
  converter(
    'HasAttrOnDatapoint',
    ['key', 'value'],
    'bool',
    'Whether a point of the metric has the attribute with that value.',
    onPoints,
    ['metric'],
  ),
];

/** Of otelcol.connector.signaltometrics alone. */
export const ADJUSTED_COUNT: Converter = converter(
  'AdjustedCount',
  [],
  'double',
  'How many spans the span stands for, by the sampling threshold in its trace state.',
  () => (t) => adjustedCount(t.span.string(SPAN.traceState)),
  ['span'],
);
