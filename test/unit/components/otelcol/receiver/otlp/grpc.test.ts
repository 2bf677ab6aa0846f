/** OTLP/gRPC against the grpc-js client and hand-made frames, an entry that records. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Args } from '#components/otelcol/receiver/otlp/schema.ts';
import { decodeStatus } from '#codec/rpc/status.ts';
import { compress } from '#net/compression/compress.ts';
import { GRPC, Outcome, withDownstream, withRetryAfter } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { rawCall, rawSession } from '#test/support/http-raw-grpc.ts';
import {
  counted,
  receiverArgs,
  withReceiver,
  type Overrides,
  type RunningReceiver,
} from '#test/support/http-receiver.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';

const bytesOf = (payload: Buffer | { readonly bytes: Buffer }): Buffer =>
  Buffer.isBuffer(payload) ? payload : payload.bytes;
const traces = bytesOf(makeTraces({ spans: 5 }));
const metrics = bytesOf(makeMetrics({ items: 6 }));
const logs = bytesOf(makeLogs({ items: 7 }));
const service = (name: string): string => `/opentelemetry.proto.collector.${name}/Export`;
const TRACE_PATH = service('trace.v1.TraceService');

interface Answer {
  readonly code: number;
  readonly message: string;
  readonly body: Buffer | null;
  readonly details: Buffer | null;
}

const scenario = (
  name: string,
  grpc: Overrides<NonNullable<Args['grpc']>>,
  run: (
    receiver: RunningReceiver,
    call: (message: Buffer, path?: string, metadata?: Metadata) => Promise<Answer>,
  ) => Promise<void>,
): void =>
  void test(name, () =>
    withReceiver({ ...receiverArgs({ grpc }), http: undefined }, async (receiver) => {
      const client = new Client(receiver.grpc, credentials.createInsecure());
      const call = (message: Buffer, path = TRACE_PATH, metadata = new Metadata()): Promise<Answer> =>
        new Promise((resolve) => {
          client.makeUnaryRequest(
            path,
            (b: Buffer) => b,
            (b: Buffer) => b,
            message,
            metadata,
            (error: ServiceError | null, body?: Buffer) =>
              resolve({
                code: error?.code ?? 0,
                message: error?.details ?? '',
                body: body ?? null,
                details: (error?.metadata.get('grpc-status-details-bin')[0] as Buffer | undefined) ?? null,
              }),
          );
        });
      try {
        await run(receiver, call);
      } finally {
        client.close();
      }
    }),
  );

scenario('all three services take their signal and answer the empty response', {}, async ({ entry, meter }, call) => {
  const all = [
    [TRACES, 'trace.v1.TraceService', traces],
    [METRICS, 'metrics.v1.MetricsService', metrics],
    [LOGS, 'logs.v1.LogsService', logs],
  ] as const;
  for (const [signal, name, payload] of all) {
    const answer = await call(payload, service(name));
    assert.deepEqual([answer.code, answer.body?.length], [0, 0]);
    const [offer] = entry.offers.splice(0);
    assert.deepEqual([offer?.signal, offer?.bytes, offer?.metadata], [signal, payload, null]);
  }
  assert.deepEqual(counted(meter), {
    'accepted_spans_total grpc': 5,
    'accepted_metric_points_total grpc': 6,
    'accepted_log_records_total grpc': 7,
    'requests_total grpc success': 3,
  });
});

scenario(
  'outcomes of the pipeline become statuses; a wait travels as RetryInfo',
  {},
  async ({ entry, meter }, call) => {
    for (const [outcome, code] of [
      [Outcome.ringFull, 14],
      [Outcome.queueFull, 14],
      [Outcome.downstreamRejected, 13],
      [withDownstream(Outcome.downstreamRejected, 3, 0), 3],
    ] as const) {
      entry.outcome = outcome;
      const answer = await call(traces);
      assert.deepEqual([answer.code, answer.details], [code, null]);
    }
    entry.outcome = withDownstream(Outcome.downstream, 8, 7);
    const throttled = await call(traces);
    assert.equal(throttled.code, GRPC.RESOURCE_EXHAUSTED);
    assert.deepEqual(decodeStatus(throttled.details as Buffer), {
      code: 8,
      message: throttled.message,
      retryDelayMs: 7000,
    });
    assert.deepEqual(counted(meter), { 'refused_spans_total grpc': 25, 'requests_total grpc refused': 5 });
  },
);

scenario(
  'a malformed message is Internal, as grpc-go answers it; an empty one is fine',
  {},
  async ({ entry, meter, lines }, call) => {
    const answer = await call(traces.subarray(0, traces.length - 1));
    assert.equal(answer.code, GRPC.INTERNAL);
    assert.match(answer.message, /^error unmarshalling request: .* at byte \d+/);
    assert.equal((await call(Buffer.alloc(0))).code, 0);
    assert.equal((await call(traces)).code, 0, 'the next good call is unharmed');
    assert.deepEqual(counted(meter), {
      'accepted_spans_total grpc': 5,
      'requests_total grpc success': 1,
      'requests_total grpc failure': 1,
    });
    assert.equal(entry.offers.filter((offer) => offer.bytes.length > 0).length, 1);
    assert.deepEqual(
      lines.filter((line) => line.level !== 'info'),
      [],
    );
  },
);

scenario(
  'compressed requests of the Collector are inflated; refused ones are counted',
  {},
  async ({ grpc, entry, meter }) => {
    const session = rawSession(grpc);
    for (const [name, encoding] of [
      ['gzip', 'gzip'],
      ['zstd', 'zstd'],
      ['snappy', 'x-snappy-framed'],
    ] as const) {
      assert.equal((await rawCall(session, TRACE_PATH, compress(encoding, traces), name)).status, 0, name);
      assert.deepEqual(entry.offers.pop()?.bytes, traces, name);
    }
    const bomb = compress('zstd', Buffer.alloc((4 << 20) + 1));
    assert.equal((await rawCall(session, TRACE_PATH, bomb, 'zstd')).status, GRPC.RESOURCE_EXHAUSTED);
    assert.equal((await rawCall(session, TRACE_PATH, traces, 'lz4')).status, GRPC.UNIMPLEMENTED);
    assert.deepEqual(counted(meter), {
      'accepted_spans_total grpc': 15,
      'requests_total grpc success': 3,
      'requests_total grpc failure': 2,
    });
    session.destroy();
  },
);

scenario('max_recv_msg_size bounds messages', { max_recv_msg_size: 1000 }, async ({ entry }, call) => {
  assert.equal((await call(Buffer.alloc(1001))).code, GRPC.RESOURCE_EXHAUSTED);
  assert.deepEqual(entry.offers, []);
});

scenario('a signal without a consumer has no service', {}, async ({ entry }, call) => {
  entry.signals = [TRACES];
  const answer = await call(metrics, service('metrics.v1.MetricsService'));
  assert.deepEqual(
    [answer.code, answer.message],
    [GRPC.UNIMPLEMENTED, 'unknown service opentelemetry.proto.collector.metrics.v1.MetricsService'],
  );
  assert.equal((await call(traces)).code, 0);
});

scenario(
  'include_metadata hands on what the client sent',
  { include_metadata: true },
  async ({ grpc, entry }, call) => {
    const metadata = new Metadata();
    metadata.set('X-Scope-OrgID', 'tenant-1');
    await call(traces, TRACE_PATH, metadata);
    assert.deepEqual(entry.offers[0]?.metadata?.get('x-scope-orgid'), ['tenant-1']);
    assert.deepEqual(entry.offers[0]?.metadata?.get('host'), [grpc]);
  },
);

scenario('what would be refused anyway is refused before its message is read', {}, async ({ grpc, entry, meter }) => {
  entry.turnsAway = withRetryAfter(Outcome.memoryLimit, 3);
  const session = rawSession(grpc);
  const stream = session.request({
    ':method': 'POST',
    ':path': TRACE_PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  // The prefix of a message that never comes.
  stream.write(Buffer.from([0, 0, 0, 0, 100]));
  const headers = await new Promise<Readonly<Record<string, unknown>>>((resolve) => stream.on('response', resolve));
  assert.equal(headers['grpc-status'], '14');
  assert.equal(headers['grpc-message'], 'data refused due to high memory usage');
  const details = decodeStatus(Buffer.from(String(headers['grpc-status-details-bin']), 'base64'));
  assert.equal(details.retryDelayMs, 3000);
  assert.deepEqual(counted(meter), { 'requests_total grpc refused': 1 });
  assert.deepEqual(entry.offers, []);
  entry.turnsAway = Outcome.accepted;
  assert.equal((await rawCall(session, TRACE_PATH, traces)).status, 0, 'the connection goes on');
  session.destroy();
});
