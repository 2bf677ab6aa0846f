/**
 * Scenario: numbered spans from senders that send again what is refused, while the configuration changes under them: every
 * component is changed, renamed, replaced, inserted and taken away, ports move and swap, files are bad. Guarantees: every
 * span that was accepted arrives exactly once; a bad configuration changes nothing and is told; what stays keeps its counters;
 * nobody is told "never again" because of a reload.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { numbersIn, range } from '#test/support/numbered-items.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { Numbers, PersistentSender, type Target } from '#test/support/persistent-sender.ts';
import { metric, scrape } from '#test/support/scrape.ts';

interface Reloaded {
  readonly status: number;
  readonly text: string;
}

async function reload(collector: Collector, config: string, method = 'POST'): Promise<Reloaded> {
  await writeFile(collector.configFile, config);
  const response = await fetch(`${collector.adminUrl}/-/reload`, { method, signal: AbortSignal.timeout(60_000) });
  return { status: response.status, text: await response.text() };
}

async function startSink(t: TestContext): Promise<OtlpSink> {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  return sink;
}

const arrivedAt = (...sinks: readonly OtlpSink[]): number[] =>
  sinks
    .flatMap((sink) => sink.accepted.flatMap(({ bytes }) => numbersIn({ signal: TRACES, bytes })))
    .sort((a, b) => a - b);

interface Parts {
  readonly receiver: string;
  /** Ports of gRPC and HTTP; two receivers if `apart`. */
  readonly grpc: number;
  readonly http: number;
  readonly apart: boolean;
  /** Label and arguments of each batch processor, one behind the other. */
  readonly batches: readonly (readonly [label: string, args: string])[];
  readonly kind: 'otlp' | 'otlphttp';
  readonly exporter: string;
  readonly sink: OtlpSink;
  readonly client: string;
  readonly exporterArgs: string;
}

function configOf(p: Parts): string {
  const exporter = `otelcol.exporter.${p.kind}.${p.exporter}.input`;
  const inputs = [...p.batches.map(([label]) => `otelcol.processor.batch.${label}.input`), exporter];
  const output = (input: string): string => `output { traces = [${input}] }`;
  const grpc = `grpc { endpoint = "127.0.0.1:${p.grpc}" }`;
  const http = `http { endpoint = "127.0.0.1:${p.http}" }`;
  const receiver = (label: string, ...listeners: string[]): string =>
    `otelcol.receiver.otlp "${label}" {\n${listeners.join('\n')}\n${output(inputs[0])}\n}\n`;
  return [
    p.apart ? receiver(`${p.receiver}1`, grpc) + receiver(`${p.receiver}2`, http) : receiver(p.receiver, grpc, http),
    ...p.batches.map(
      ([label, args], i) => `otelcol.processor.batch "${label}" {\n${args}\n${output(inputs[i + 1])}\n}\n`,
    ),
    `otelcol.exporter.${p.kind} "${p.exporter}" {
      client {
        endpoint = "${p.kind === 'otlp' ? p.sink.grpcEndpoint : p.sink.httpUrl}"
        ${p.kind === 'otlp' ? 'tls { insecure = true }' : ''}
        ${p.client}
      }
      ${p.exporterArgs}
    }\n`,
  ].join('\n');
}

interface Step extends Partial<Parts> {
  readonly name: string;
}

interface Load {
  readonly numbers: Numbers;
  /** Resolves when so many more requests have been accepted. */
  more(requests: number): Promise<void>;
  /** Resolves when every sender has got rid of its last request. */
  end(): Promise<void>;
}

function startSenders(t: TestContext, port: (protocol: Target['protocol']) => number): Load {
  const numbers = new Numbers();
  let done = false;
  t.after(() => (done = true));
  const senders = Array.from({ length: 6 }, (_, i) => {
    const protocol = i % 2 === 0 ? 'grpc' : 'http';
    return new PersistentSender(numbers, () => ({ protocol, port: port(protocol) })).run(() => done);
  });
  return {
    numbers,
    more: (requests) => {
      const enough = numbers.accepted + requests;
      return until(() => numbers.accepted >= enough);
    },
    end: async () => {
      done = true;
      await Promise.all(senders);
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

/** The configuration that the tests begin with. */
const plain = (ports: readonly number[], sink: OtlpSink): Parts => ({
  receiver: 'in',
  grpc: ports[0],
  http: ports[1],
  apart: false,
  batches: [['b', '']],
  kind: 'otlp',
  exporter: 'out',
  sink,
  client: '',
  exporterArgs: '',
});

/** Every step changes what it names and keeps the rest of the one before. */
const steps = (p: readonly number[], other: OtlpSink): readonly Step[] => [
  { name: 'batch sizes', batches: [['b', 'send_batch_size = 50']] },
  { name: 'batch timeout and metadata keys', batches: [['b', 'timeout = "20ms"\nmetadata_keys = ["tenant"]']] },
  { name: 'another endpoint', sink: other },
  {
    name: 'compression, queue, timeout',
    client: 'compression = "none"',
    exporterArgs: 'timeout = "3s"\nsending_queue { queue_size = 10 }',
  },
  { name: 'headers', client: 'headers = { "x-a" = "1" }' },
  { name: 'another kind under the same label', kind: 'otlphttp', exporterArgs: '' },
  { name: 'no batch processor', batches: [] },
  { name: 'wait for the result', exporterArgs: 'sending_queue { wait_for_result = true }' },
  {
    name: 'two batch processors',
    batches: [
      ['b', ''],
      ['c', 'timeout = "50ms"'],
    ],
    exporterArgs: '',
  },
  {
    name: 'one inserted between',
    batches: [
      ['b', ''],
      ['x', 'timeout = "10ms"'],
      ['c', 'timeout = "50ms"'],
    ],
  },
  { name: 'everything renamed', receiver: 'new', batches: [['d', 'timeout = "100ms"']], exporter: 'fresh' },
  { name: 'a receiver for each protocol', apart: true },
  { name: 'these two swap their ports', grpc: p[1], http: p[0] },
  { name: 'one receiver again, protocols swapped', apart: false, receiver: 'in', grpc: p[0], http: p[1] },
  { name: 'protocols swap inside one receiver', grpc: p[1], http: p[0] },
  { name: 'one moves, the other takes its port', grpc: p[2], http: p[1] },
  { name: 'both move', grpc: p[3], http: p[4] },
];
/** In these a client may for a moment speak to the listener of the other protocol. */
const MOVES_PORTS = /swap|takes its port/;

for (const flags of [['--workers=2'], ['--workers=2', '--ingest-threads=2']]) {
  test(`every change under load, ${flags.join(' ')}: what was accepted arrives exactly once`, async (t) => {
    const [first, second] = [await startSink(t), await startSink(t)];
    await using collector = await startCollector({ ports: 5, flags, config: (p) => configOf(plain(p, first)) });
    let now = plain(collector.ports, first);
    const { numbers, more, end } = startSenders(t, (protocol) => now[protocol]);
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const foreign = (taken.address() as { port: number }).port;

    await more(100);
    for (const { name, ...change } of steps(collector.ports, second)) {
      const permanent = numbers.permanent.length;
      const next = { ...now, ...change };
      assert.deepEqual(await reload(collector, configOf(next)), { status: 200, text: 'config reloaded\n' }, name);
      now = next;
      await more(100);
      if (!MOVES_PORTS.test(name)) assert.deepEqual(numbers.permanent.slice(permanent), [], name);

      const failures = await metric(collector, 'alloy_config_load_failures_total');
      const bad = await reload(
        collector,
        configOf({ ...now, http: foreign, exporterArgs: 'sending_queue { queue_size = 700 }' }),
      );
      assert.equal(bad.status, 400, name);
      assert.match(
        bad.text,
        new RegExp(
          `otelcol\\.receiver\\.otlp\\.\\w+ cannot listen on 127\\.0\\.0\\.1:${foreign}: the address is in use`,
        ),
      );
      assert.equal(await metric(collector, 'alloy_config_last_load_successful'), 0);
      assert.equal(await metric(collector, 'alloy_config_load_failures_total'), failures + 1);
      await more(20);
    }
    await end();
    assert.deepEqual(await collector.stop('SIGTERM'), { code: 0, signal: null }, collector.output());
    assert.deepEqual(arrivedAt(first, second), range(0, numbers.next), 'all, and each once');
    assert.ok(arrivedAt(first).length > 0 && arrivedAt(second).length > 0);
  });
}

test('a batch that is held while its consumers change reaches each of them once', async (t) => {
  const [good, away, late] = [await startSink(t), await startSink(t), await startSink(t)];
  const exporters: Readonly<Record<string, OtlpSink>> = { good, away, late };
  // Exports wait for their result, so what a destination refuses stays with the batch processor.
  const config = ([grpc, http]: readonly number[], ...to: readonly string[]): string =>
    `otelcol.receiver.otlp "in" {
      grpc { endpoint = "127.0.0.1:${grpc}" }
      http { endpoint = "127.0.0.1:${http}" }
      output { traces = [otelcol.processor.batch.b.input] }
    }
    otelcol.processor.batch "b" {
      timeout = "10ms"
      output { traces = [${to.map((name) => `otelcol.exporter.otlp.${name}.input`).join(', ')}] }
    }
    ${to
      .map(
        (name) => `otelcol.exporter.otlp "${name}" {
          client {
            endpoint = "${exporters[name].grpcEndpoint}"
            tls { insecure = true }
          }
          retry_on_failure { enabled = false }
          sending_queue { wait_for_result = true }
        }`,
      )
      .join('\n')}`;
  await using collector = await startCollector({ ports: 2, config: (ports) => config(ports, 'good', 'away') });
  const { ports } = collector;
  away.answerer = () => ({ kind: 'grpc', code: 14, message: 'away' });
  const { numbers, end } = startSenders(t, (protocol) => ports[protocol === 'grpc' ? 0 : 1]);
  const heldAgain = async (): Promise<void> => away.waitForRequests(away.requests.length + 3);
  await heldAgain();
  for (const to of [
    ['good', 'away', 'late'],
    ['late', 'away', 'good'],
    ['good', 'away'],
    ['away', 'good'],
  ]) {
    assert.equal((await reload(collector, config(ports, ...to))).status, 200);
    await heldAgain();
  }
  away.answerer = () => ({ kind: 'ok' });
  await away.waitForAccepted(3);
  await end();
  assert.equal((await collector.stop()).code, 0, collector.output());
  assert.deepEqual(arrivedAt(good), range(0, numbers.next));
  assert.deepEqual(arrivedAt(away), range(0, numbers.next));
  assert.equal(new Set(arrivedAt(late)).size, arrivedAt(late).length);
});

test('what hangs in a destination does not hold up a reload, and arrives once when it lets go', async (t) => {
  const [hanging, sink] = [await startSink(t), await startSink(t)];
  const release = Promise.withResolvers<void>();
  hanging.answerer = () => ({ kind: 'held', until: release.promise });
  const exporterArgs = 'timeout = "120s"\nsending_queue {\n wait_for_result = true\n num_consumers = 1\n }';
  await using collector = await startCollector({
    ports: 2,
    config: (p) => configOf({ ...plain(p, hanging), batches: [], exporterArgs }),
  });
  const before = { ...plain(collector.ports, hanging), batches: [], exporterArgs };
  const { numbers, more, end } = startSenders(t, (protocol) => before[protocol]);
  // Two of the six have a request in each protocol's connection: whoever waits for an answer goes on waiting.
  await hanging.waitForRequests(1);
  const renamed = { ...before, receiver: 'other', exporter: 'other', sink };
  assert.equal((await reload(collector, configOf(renamed))).status, 200);
  release.resolve();
  await more(50);
  await end();
  assert.equal((await collector.stop()).code, 0, collector.output());
  assert.deepEqual(arrivedAt(hanging, sink), range(0, numbers.next));
});

test('a pipeline that is renamed while its destination is away loses nothing', async (t) => {
  const sink = await startSink(t);
  const exporterArgs = 'sending_queue { queue_size = 3 }\nretry_on_failure { initial_interval = "100ms" }';
  await using collector = await startCollector({
    ports: 2,
    config: (p) => configOf({ ...plain(p, sink), exporterArgs }),
  });
  const before = { ...plain(collector.ports, sink), exporterArgs };
  const { numbers, more, end } = startSenders(t, (protocol) => before[protocol]);
  await more(50);
  await sink.down();
  // The queue is full then, and the batch processor holds what it cannot pass on.
  await until(async () => (await metric(collector, 'otelcol_receiver_refused_spans_total')) > 0);
  const renamed = { ...before, receiver: 'r', batches: [['c', '']] as const, exporter: 'e' };
  assert.equal((await reload(collector, configOf(renamed))).status, 200);
  assert.equal((await reload(collector, configOf({ ...renamed, exporter: 'f' }))).status, 200);
  await sink.up();
  await more(50);
  await end();
  assert.equal((await collector.stop()).code, 0, collector.output());
  // A request whose connection was cut before its answer came is sent again: then its items are there twice.
  assert.deepEqual([...new Set(arrivedAt(sink))], range(0, numbers.next));
});

test('counters of what stays go on, those of what is gone vanish, and the hash follows the configuration', async (t) => {
  const sink = await startSink(t);
  await using collector = await startCollector({ ports: 2, config: (p) => configOf(plain(p, sink)) });
  const before = plain(collector.ports, sink);
  const { more, end } = startSenders(t, (protocol) => before[protocol]);
  await more(20);
  await end();
  const idsOf = async (): Promise<Set<string>> =>
    new Set((await scrape(collector)).flatMap(({ labels }) => labels['component_id'] ?? []));
  const hashOf = async (): Promise<string | undefined> =>
    (await scrape(collector)).find(({ name }) => name === 'alloy_config_hash')?.labels['sha256'];
  const [accepted, hash] = [await metric(collector, 'otelcol_receiver_accepted_spans_total'), await hashOf()];
  assert.equal((await reload(collector, 'nonsense "x" {', 'GET')).status, 400);
  assert.equal(await hashOf(), hash);
  assert.equal((await reload(collector, configOf({ ...before, exporter: 'new', grpc: 0 }), 'GET')).status, 200);
  assert.notEqual(await hashOf(), hash);
  assert.equal(await metric(collector, 'otelcol_receiver_accepted_spans_total'), accepted);
  await until(async () => !(await idsOf()).has('otelcol.exporter.otlp.out'));
  assert.deepEqual([...(await idsOf())].sort(), [
    'otelcol.exporter.otlp.new',
    'otelcol.processor.batch.b',
    'otelcol.receiver.otlp.in',
  ]);
  assert.equal((await collector.stop()).code, 0, collector.output());
});

for (const flags of [[], ['--workers=2', '--ingest-threads=2']]) {
  test(`a storm of reloads by SIGHUP, GET and POST, up to the end, ${flags.join(' ') || 'one worker'}: all are answered, nothing is lost`, async (t) => {
    const [first, second] = [await startSink(t), await startSink(t)];
    await using collector = await startCollector({ ports: 2, flags, config: (p) => configOf(plain(p, first)) });
    const one = plain(collector.ports, first);
    const other: Parts = { ...one, receiver: 'r', exporter: 'e', sink: second, batches: [['c', 'timeout = "5ms"']] };
    const { numbers, more, end } = startSenders(t, (protocol) => one[protocol]);
    for (let i = 0; i < 50; i++) {
      await writeFile(collector.configFile, configOf(i % 2 === 0 ? other : one));
      collector.kill('SIGHUP');
      const answers = await Promise.all(
        ['GET', 'POST', 'POST'].map((method) => fetch(`${collector.adminUrl}/-/reload`, { method })),
      );
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
      );
    }
    await more(50);
    const ended = end();
    // Some of these come too late to be answered.
    const last = Array.from({ length: 20 }, () => fetch(`${collector.adminUrl}/-/reload`).catch(() => null));
    await ended;
    collector.kill('SIGHUP');
    assert.deepEqual(await collector.stop('SIGTERM'), { code: 0, signal: null }, collector.output());
    await Promise.all(last);
    assert.deepEqual(arrivedAt(first, second), range(0, numbers.next));
  });
}
