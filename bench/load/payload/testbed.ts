/**
 * What the load generator of the OpenTelemetry Collector's testbed sends: one resource, one scope, spans of kind CLIENT with
 * two integer attributes, one trace id in a request; about 150 bytes a span. With more attributes, of a fixed size and the
 * same on every span, it is the load of its Trace1kSPSWithAttrs rows.
 */
import { TRACES } from '#shared/signal.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { int, text } from './attribute.ts';
import { Random } from './random.ts';

const CLIENT = 3;
const EPOCH_NS = 1_769_000_000_000_000_000n;

export interface TestbedSpans {
  readonly attributes: number;
  readonly bytesEach: number;
}

export function testbedRequests(
  spans: number,
  count: number,
  more: TestbedSpans = { attributes: 0, bytesEach: 0 },
): Buffer[] {
  const random = new Random(31);
  const extra = Array.from({ length: more.attributes }, (_, i) =>
    text(`load_generator.attr_${i}`, random.word(more.bytesEach)),
  );
  return Array.from({ length: count }, (_, trace) => {
    const traceId = random.bytes(16);
    const start = EPOCH_NS + BigInt(trace) * 10_000_000n;
    return encodeRequest(TRACES, {
      resourceSpans: [
        {
          resource: { attributes: [text('service.name', 'load-generator')] },
          scopeSpans: [
            {
              scope: {},
              spans: Array.from({ length: spans }, (__, i) => ({
                traceId,
                spanId: random.bytes(8),
                name: 'load-generator-span',
                kind: CLIENT,
                startTimeUnixNano: (start + BigInt(i) * 1000n).toString(),
                endTimeUnixNano: (start + BigInt(i) * 1000n + 1_000_000n).toString(),
                attributes: [
                  int('load_generator.span_seq_num', trace * spans + i),
                  int('load_generator.trace_seq_num', trace),
                  ...extra,
                ],
              })),
            },
          ],
        },
      ],
    });
  });
}

/** Spans with twenty attributes, as in the Collector's old performance document: about 900 bytes a span. */
export function attributeRequests(spans: number, count: number): Buffer[] {
  const random = new Random(47);
  const keys = Array.from({ length: 20 }, (_, i) => `app.attribute.number_${i}`);
  return Array.from({ length: count }, (_, trace) => {
    const traceId = random.bytes(16);
    const start = EPOCH_NS + BigInt(trace) * 10_000_000n;
    return encodeRequest(TRACES, {
      resourceSpans: [
        {
          resource: { attributes: [text('service.name', 'twenty-attributes'), text('host.name', 'node-1')] },
          scopeSpans: [
            {
              scope: { name: 'bench' },
              spans: Array.from({ length: spans }, (__, i) => ({
                traceId,
                spanId: random.bytes(8),
                name: `operation ${random.between(1, 40)}`,
                kind: random.between(1, 5),
                startTimeUnixNano: (start + BigInt(i) * 1000n).toString(),
                endTimeUnixNano: (start + BigInt(i) * 1000n + BigInt(random.between(1, 5000)) * 1000n).toString(),
                attributes: keys.map((key, k) =>
                  k % 4 === 3
                    ? int(key, random.between(0, 1_000_000))
                    : text(key, `value ${random.between(0, 999)} ${k}`),
                ),
              })),
            },
          ],
        },
      ],
    });
  });
}
