/** Spans, and a part that counts them, for the tests of this folder. */
import { args as schema, type Args } from '#components/otelcol/connector/spanmetrics/schema.ts';
import { create } from '#components/otelcol/connector/spanmetrics/worker.ts';
import type { Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { readParcels, type ReadRow } from '#test/support/parcel-reader.ts';
import { workerContext } from '#test/support/worker-context.ts';

export type Attributes = Readonly<Record<string, unknown>>;

export interface TestSpan {
  readonly name?: string | Buffer;
  readonly kind?: number;
  readonly status?: number;
  readonly attributes?: Attributes;
  readonly events?: readonly Attributes[];
  readonly ms?: number;
  readonly start?: string;
  readonly end?: string;
  readonly traceState?: string;
  readonly traceId?: Buffer;
}

const START_NS = 1_700_000_000_000_000_000n;

/** Numbers that are whole are ints; objects are AnyValues as they are. */
function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  return value as object;
}
export const pairs = (attributes: Attributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

export function spanOf(span: TestSpan): Record<string, unknown> {
  const { name = 'GET', kind = 2, status, attributes = {}, events = [], ms = 5, traceState } = span;
  return {
    traceId: span.traceId ?? Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, 2),
    name,
    kind,
    startTimeUnixNano: span.start ?? START_NS.toString(),
    endTimeUnixNano: span.end ?? (START_NS + BigInt(Math.round(ms * 1e6))).toString(),
    attributes: pairs(attributes),
    events: events.map((of) => ({ name: 'event', attributes: pairs(of) })),
    ...(status === undefined ? {} : { status: { code: status, message: 'm' } }),
    ...(traceState === undefined ? {} : { traceState }),
  };
}

export interface Scope {
  readonly name?: string;
  readonly version?: string;
}

export const requestOf = (resource: Attributes, spans: readonly TestSpan[], scope: Scope = {}): Buffer =>
  encodeRequest(TRACES, {
    resourceSpans: [{ resource: { attributes: pairs(resource) }, scopeSpans: [{ scope, spans: spans.map(spanOf) }] }],
  });

export const SHOP: Attributes = { 'service.name': 'shop' };

export function setUp(config = 'histogram {\nexplicit { }\n}\noutput { }', random?: () => number) {
  const ctx = workerContext('otelcol.connector.spanmetrics.default');
  const args: Args = argsOf(schema, config);
  const part = create(args, ctx, random);
  void part.start();
  const offer = (bytes: Buffer, items = 1): Outcome =>
    part.input!.consume({ signal: TRACES, bytes, items, metadata: null, owned: false }) as Outcome;
  const harvest = (): ReadRow[] => {
    const parcels: Uint8Array[] = [];
    for (let parcel = part.harvest!(); parcel !== null; parcel = part.harvest!()) parcels.push(parcel);
    return readParcels(parcels);
  };
  return {
    ctx,
    part,
    offer,
    harvest,
    send: (resource: Attributes, ...spans: TestSpan[]): Outcome => offer(requestOf(resource, spans), spans.length),
  };
}

/** Arguments with a histogram and an output around them. */
export const withHistogram = (rest: string, histogram = 'explicit { }'): string =>
  `histogram {\n${histogram}\n}\noutput { }\n${rest}`;
