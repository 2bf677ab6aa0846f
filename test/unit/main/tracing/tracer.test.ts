import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { Entry } from '#components/kit/component.ts';
import { EvaluationTrace } from '#main/tracing/evaluation-trace.ts';
import { STATUS } from '#main/tracing/span-encoder.ts';
import { remoteContext } from '#main/tracing/trace-context.ts';
import { Tracer, type Work } from '#main/tracing/tracer.ts';
import { Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { decodeRequest, listSpanIds, type PlainMessage } from '#test/support/otlp-proto.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const CONSUMER = { capsule: 'otelcol.Consumer', nodeId: 'a.b.c', accepts: [0] } as const;
const ALL = { sampling_fraction: 1, write_to: [CONSUMER] };
const START = Date.UTC(2026, 0, 1);

let clock: FakeClock;
let meter: FakeMeter;
let log: RecordingLog;
let tracer: Tracer;
let requests: Buffer[];
let answers: ((outcome: Outcome) => void)[];
/** null: offers wait in `answers`. */
let outcome: Outcome | null;
let taken: boolean;

beforeEach(() => {
  clock = new FakeClock(START);
  meter = new FakeMeter();
  log = new RecordingLog();
  requests = [];
  answers = [];
  outcome = Outcome.accepted;
  taken = true;
  const entry: Entry = {
    has: () => taken,
    offer: (signal, bytes, metadata, done) => {
      assert.deepEqual([signal, metadata], [TRACES, null]);
      requests.push(Buffer.from(bytes));
      if (outcome === null) answers.push((late) => done(late, 0));
      else done(outcome, 0);
    },
  };
  tracer = new Tracer({ version: '1.2.3', entry, clock, meter, log });
});

const work = (name: string, more: Partial<Work> = {}): Work => ({
  name,
  startMs: START,
  endMs: START + 1.5,
  attributes: {},
  status: STATUS.unset,
  message: '',
  ...more,
});
const spans = (): PlainMessage[] =>
  requests.flatMap((bytes) => {
    const [resource] = decodeRequest(TRACES, bytes)['resourceSpans'] as PlainMessage[];
    const [scope] = resource['scopeSpans'] as PlainMessage[];
    return scope['spans'] as PlainMessage[];
  });
const request = (name = 'GET /x'): void => tracer.request(work(name), null);

describe('what is sent', () => {
  test('a request is OTLP as others read it', () => {
    tracer.configure(ALL);
    const remote = remoteContext('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'v=1');
    const attributes = { 'url.path': '/x', 'http.response.status_code': 500, large: 2 ** 40, small: -3 };
    tracer.request(work('GET /x', { attributes, status: STATUS.error, message: 'no' }), remote);
    tracer.stop();
    const [entry] = decodeRequest(TRACES, requests[0])['resourceSpans'] as PlainMessage[];
    const resource = (entry['resource'] as PlainMessage)['attributes'] as { key: string; value: PlainMessage }[];
    assert.deepEqual(
      resource.slice(0, 2).map(({ key, value }) => [key, value['stringValue']]),
      [
        ['service.name', 'millrace'],
        ['service.version', '1.2.3'],
      ],
    );
    const [scope] = entry['scopeSpans'] as PlainMessage[];
    assert.deepEqual(scope['scope'], { name: 'millrace', version: '1.2.3' });
    const [{ spanId, ...span }] = spans();
    assert.match(spanId as string, /^[0-9a-f]{16}$/);
    assert.deepEqual(span, {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: '00f067aa0ba902b7',
      traceState: 'v=1',
      name: 'GET /x',
      kind: 2,
      startTimeUnixNano: `${START}000000`,
      endTimeUnixNano: `${START + 1}500000`,
      attributes: [
        { key: 'url.path', value: { stringValue: '/x' } },
        { key: 'http.response.status_code', value: { intValue: '500' } },
        { key: 'large', value: { intValue: String(2 ** 40) } },
        { key: 'small', value: { intValue: '-3' } },
      ],
      status: { code: 2, message: 'no' },
      flags: 0x301,
    });
  });

  test('an evaluation is one trace: all of it, its nodes, bringing it into force', async () => {
    const evaluation = new EvaluationTrace(tracer);
    const a = evaluation.node('a.b.c');
    await clock.advance(10);
    const b = evaluation.node('m.x/a.b.c');
    a();
    await clock.advance(5);
    b();
    evaluation.evaluated();
    await clock.advance(20);
    tracer.configure(ALL);
    evaluation.ended(null);
    tracer.stop();
    const all = spans();
    const root = all.find((span) => span['parentSpanId'] === undefined) as PlainMessage;
    assert.deepEqual([root['name'], root['kind'], root['status']], ['GraphEvaluate', 1, { code: 1 }]);
    assert.equal(new Set(all.map((span) => span['traceId'])).size, 1);
    const ms = (nanos: unknown): number => Number(BigInt(nanos as string) / 1_000_000n) - START;
    assert.deepEqual(
      all.map((span) => [
        span['name'],
        ms(span['startTimeUnixNano']),
        ms(span['endTimeUnixNano']),
        ...((span['attributes'] ?? []) as PlainMessage[]).map((a) => (a['value'] as PlainMessage)['stringValue']),
      ]),
      [
        ['EvaluateNode', 0, 10, 'a.b.c'],
        ['EvaluateNode', 10, 15, 'm.x/a.b.c'],
        ['ApplyGraph', 15, 35],
        ['GraphEvaluate', 0, 35],
      ],
    );
    for (const span of all) if (span !== root) assert.equal(span['parentSpanId'], root['spanId']);
  });

  test('one that fails says why; one that is large has a bound', () => {
    tracer.configure(ALL);
    const evaluation = new EvaluationTrace(tracer);
    for (let i = 0; i < 1200; i++) evaluation.node(`n${i}`)();
    evaluation.ended('a:1:1: no');
    tracer.stop();
    const all = spans();
    assert.equal(all.length, 1001);
    const root = all.at(-1) as PlainMessage;
    assert.deepEqual(root['status'], { code: 2, message: 'a:1:1: no' });
    assert.deepEqual(root['attributes'], [{ key: 'millrace.nodes_without_span', value: { intValue: '200' } }]);
  });
});

describe('which traces are kept', () => {
  test('none without consumers, or of a share of nothing', () => {
    request();
    tracer.configure({ sampling_fraction: 1, write_to: [] });
    request();
    tracer.configure({ sampling_fraction: 0, write_to: [CONSUMER] });
    request();
    tracer.stop();
    assert.deepEqual(requests, []);
  });

  test('whoever sent the request has decided', () => {
    const remote = (flags: string): ReturnType<typeof remoteContext> =>
      remoteContext(`00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-${flags}`, '');
    tracer.configure(ALL);
    tracer.request(work('unsampled'), remote('00'));
    tracer.configure({ ...ALL, sampling_fraction: 0 });
    tracer.request(work('sampled'), remote('01'));
    tracer.stop();
    assert.deepEqual(
      spans().map((span) => span['name']),
      ['sampled'],
    );
  });
});

describe('when spans go', () => {
  test('after five seconds together, or when there are many', async () => {
    tracer.configure(ALL);
    request();
    request();
    await clock.advance(4999);
    assert.equal(requests.length, 0);
    await clock.advance(1);
    assert.deepEqual(
      requests.map((bytes) => listSpanIds(bytes).length),
      [2],
    );
    for (let i = 0; i < 512; i++) request();
    assert.deepEqual(
      requests.map((bytes) => listSpanIds(bytes).length),
      [2, 512],
    );
    assert.equal(meter.value('millrace_tracing_sent_spans_total'), 514);
  });

  test('one request at a time; what does not fit meanwhile is counted', () => {
    tracer.configure(ALL);
    outcome = null;
    for (let i = 0; i < 512 + 2048 + 3; i++) request();
    assert.equal(requests.length, 1);
    assert.equal(meter.value('millrace_tracing_dropped_spans_total', { reason: 'buffer_full' }), 3);
    outcome = Outcome.accepted;
    answers[0]?.(Outcome.accepted);
    assert.equal(requests.length, 2);
    assert.equal(meter.value('millrace_tracing_sent_spans_total'), 512 + 2048);
  });

  test('what is refused is dropped and counted, and told once until it goes again', () => {
    tracer.configure(ALL);
    const send = (given: Outcome): void => {
      outcome = given;
      for (let i = 0; i < 512; i++) request();
    };
    send(Outcome.queueFull);
    send(Outcome.queueFull);
    assert.equal(meter.value('millrace_tracing_dropped_spans_total', { reason: 'queue_full' }), 1024);
    assert.equal(log.lines.length, 1);
    send(Outcome.accepted);
    send(Outcome.queueFull);
    assert.equal(log.lines.length, 2);
  });

  test('before the configuration that names the consumers is in force they wait', async () => {
    tracer.configure(ALL);
    taken = false;
    request();
    await clock.advance(12_000);
    assert.equal(requests.length, 0);
    taken = true;
    await clock.advance(5000);
    assert.equal(requests.length, 1);
  });

  test('a configuration without consumers gets what is left to the old ones', () => {
    tracer.configure(ALL);
    request();
    tracer.configure({ ...ALL, write_to: [] });
    assert.equal(requests.length, 1);
    request();
    tracer.stop();
    assert.equal(requests.length, 1);
  });
});
