/**
 * What is measured in one thread: each case handles one request (or one batch) per call and says how many spans that were. Each
 * checks its result, so that nothing is measured that does not work, and nothing is optimised away.
 */
import { ItemIndex } from '#codec/otlp/item-index.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { ShardPlan } from '#codec/otlp/shard.ts';
import { Splitter } from '#codec/otlp/split.ts';
import { layoutOf } from '#components/otelcol/connector/spanlogs/layout.ts';
import { args as spanlogs } from '#components/otelcol/connector/spanlogs/schema.ts';
import { SpanLines } from '#components/otelcol/connector/spanlogs/span-lines.ts';
import { Arena } from '#components/otelcol/processor/batch/arena.ts';
import { Spares } from '#components/otelcol/processor/batch/spares.ts';
import { defaults } from '#config/schema/schema.ts';
import { makeWorkload } from '#bench/load/payload/catalog.ts';
import { frameBytes, FrameView, writeFrame } from '#shared/frame.ts';
import { createRing, RingReader, RingWriter } from '#shared/ring.ts';
import { TRACES } from '#shared/signal.ts';
import { messageType } from '#test/support/otlp-proto.ts';
import { attributesCases } from './attributes.ts';
import { processorCases } from './processors.ts';
import { serviceGraphCases } from './servicegraph.ts';
import { spanMetricsCases } from './spanmetrics.ts';

export interface Case {
  readonly name: string;
  /** Spans and bytes that one call handles, on average. */
  readonly spans: number;
  readonly bytes: number;
  /** Makes what one call runs. Everything it needs lives no longer than it: a large heap would slow the other cases' GC down. */
  readonly make: () => () => void;
}

/** The case that others are compared with. */
export const REFERENCE = 'protobufjs decode';

const BATCH_REQUESTS = 4;
/** The size of request that the OpenTelemetry Collector's unmarshalling benchmark takes. */
const WALK_BYTES = 10_000_000;
const RING_BYTES = 8 * 1024 * 1024;

export function makeCases(requests: readonly Buffer[], spansPerRequest: number): Case[] {
  const next = cycle(requests);
  const bytes = requests.reduce((sum, r) => sum + r.length, 0) / requests.length;
  const one = { spans: spansPerRequest, bytes };
  const batch = { spans: spansPerRequest * BATCH_REQUESTS, bytes: bytes * BATCH_REQUESTS };
  return [
    { name: 'scan', ...one, make: () => () => expect(scanned(next(), null), spansPerRequest) },
    walkCase(),
    { name: 'scan + index', ...one, make: () => indexed(next, spansPerRequest) },
    { name: 'scan + shard to 2', ...one, make: () => sharded(next, spansPerRequest, 2) },
    { name: 'scan + shard to 4', ...one, make: () => sharded(next, spansPerRequest, 4) },
    { name: 'ring write + read', ...one, make: () => throughRing(next, spansPerRequest) },
    { name: `batch of ${BATCH_REQUESTS} requests`, ...batch, make: () => batched(next, spansPerRequest) },
    { name: 'split a batch in 2', ...batch, make: () => split(requests, spansPerRequest) },
    { name: 'spanlogs, a line a span', ...one, make: () => logged(next, spansPerRequest) },
    ...spanMetricsCases(next, one),
    ...processorCases(next, one),
    ...attributesCases(next, one),
    { name: REFERENCE, ...one, make: () => decoded(next, spansPerRequest) },
    { name: 'protobufjs encode', ...one, make: () => encoded(requests) },
    ...serviceGraphCases(spansPerRequest),
  ];
}

/** Every field of every span of one large request, attributes and events included: what others do by unmarshalling. */
function walkCase(): Case {
  const sample = makeWorkload('shop', 1000, 1).payloads[0].bytes.length;
  const spans = Math.round((WALK_BYTES / sample) * 1000);
  const make = (): (() => void) => {
    const request = makeWorkload('shop', spans, 1).payloads[0].bytes;
    return () => expect(scanned(request, null), spans);
  };
  return { name: 'walk of 10 MB', spans, bytes: WALK_BYTES, make };
}

function indexed(next: () => Buffer, spans: number): () => void {
  const index = new ItemIndex();
  return () => expect(scanned(next(), index), spans);
}

/** As on the main thread with several workers, into shared memory; without the rings. */
function sharded(next: () => Buffer, spans: number, shards: number): () => void {
  const index = new ItemIndex();
  const plan = new ShardPlan();
  const target = Buffer.from(new SharedArrayBuffer(RING_BYTES));
  let at = 0;
  return () => {
    const request = next();
    scanned(request, index);
    plan.build(index, shards);
    let found = 0;
    for (let k = 0; k < shards; k++) {
      const size = plan.size(k);
      if (size === 0) continue;
      if (at + size + 8 > RING_BYTES) at = 0;
      at = plan.write(k, request, target, at);
      found += plan.items(k);
    }
    expect(found, spans);
  };
}

/** One frame through a ring, written and read by the same thread: the cost of the way without the wake-ups. */
function throughRing(next: () => Buffer, spans: number): () => void {
  const memory = createRing(RING_BYTES);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  const frame = new FrameView();
  return () => {
    const request = next();
    const content = writer.reserve(frameBytes(0, request.length));
    const at = writeFrame(writer, content, TRACES, 0, 0, spans, null, request.byteOffset, request.length);
    request.copy(writer.data, at, 0, request.length);
    writer.commit();
    if (!reader.peek()) throw new Error('the frame did not come out of the ring');
    frame.read(reader);
    expect(frame.payloadEnd - frame.payloadStart, request.length);
    reader.release();
  };
}

function batched(next: () => Buffer, spans: number): () => void {
  const arena = new Arena(new Spares());
  return () => {
    for (let i = 0; i < BATCH_REQUESTS; i++) arena.append(next(), spans);
    expect(arena.items, spans * BATCH_REQUESTS);
    arena.take().release?.();
  };
}

function split(requests: readonly Buffer[], spans: number): () => void {
  const total = spans * BATCH_REQUESTS;
  const batches: Buffer[] = [];
  for (let i = 0; i + BATCH_REQUESTS <= requests.length; i += BATCH_REQUESTS)
    batches.push(Buffer.concat(requests.slice(i, i + BATCH_REQUESTS)));
  const next = cycle(batches);
  const splitter = new Splitter();
  return () => {
    splitter.reset(TRACES, next());
    let found = 0;
    while (splitter.next(Math.ceil(total / 2)) !== null) found += splitter.items;
    expect(found, total);
  };
}

/** What the connector does with a request, without handing the lines on. */
function logged(next: () => Buffer, spans: number): () => void {
  const settings = { ...defaults(spanlogs), spans: true, span_attributes: ['http.request.method', 'http.route'] };
  const lines = new SpanLines(layoutOf({ ...settings, labels: ['svc'] }));
  return () => {
    lines.begin(next());
    lines.fill(Infinity);
    lines.finish();
    expect(lines.items, spans);
  };
}

function decoded(next: () => Buffer, spans: number): () => void {
  const type = messageType('ExportTraceServiceRequest');
  return () => {
    const { resourceSpans } = type.decode(next()) as unknown as {
      resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
    };
    let found = 0;
    for (const resource of resourceSpans) for (const scope of resource.scopeSpans) found += scope.spans.length;
    expect(found, spans);
  };
}

function encoded(requests: readonly Buffer[]): () => void {
  const type = messageType('ExportTraceServiceRequest');
  const next = cycle(
    requests.slice(0, 8).map((request) => ({ length: request.length, message: type.decode(request) })),
  );
  return () => {
    const { length, message } = next();
    expect(type.encode(message).finish().length, length);
  };
}

function scanned(request: Buffer, index: ItemIndex | null): number {
  const spans = scan(TRACES, request, 0, request.length, index);
  if (spans < 0) throw new Error(`scan: ${scanError()}`);
  return spans;
}

function expect(got: number, wanted: number): void {
  if (got !== wanted) throw new Error(`${got} instead of ${wanted}`);
}

function cycle<T>(list: readonly T[]): () => T {
  let at = 0;
  return () => {
    const value = list[at];
    at = at + 1 === list.length ? 0 : at + 1;
    return value;
  };
}
