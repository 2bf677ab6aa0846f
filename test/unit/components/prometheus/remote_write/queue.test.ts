import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args as exporterArgs } from '#components/otelcol/exporter/prometheus/schema.ts';
import { create } from '#components/otelcol/exporter/prometheus/worker.ts';
import { Outcome } from '#shared/outcome.ts';
import { METRICS } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { gauge, metricsRequest, point } from '#test/support/metric-requests.ts';
import { promBatch, series } from '#test/support/prom-batch.ts';
import { settle } from '#test/support/fake-clock.ts';
import { assertSettled, endpoint, samplesIn, start, startSink } from '#test/support/remote-write-stage.ts';
import { workerContext } from '#test/support/worker-context.ts';

const values = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
const batch = (from: number, count = 1) => promBatch([series({ __name__: 'a' }, values(from, count), from)]);

test('a full queue refuses and drops nothing; what it has is sent, then it takes more', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'capacity = 5\nmax_shards = 2'));
  sink.answerer = () => ({ kind: 'http', status: 503 });
  const outcomes = values(0, 12).map((i) => stage.consume(batch(i)));
  assert.deepEqual(outcomes, [...Array<Outcome>(10).fill(Outcome.accepted), Outcome.queueFull, Outcome.queueFull]);
  assert.deepEqual([stage.held(), stage.value('enqueue_retries_total')], [10, 2]);
  await stage.when(() => stage.value('samples_retried_total') > 0);
  assert.equal(sink.requests.length, 1, 'a full queue does not wait for fuller requests');
  sink.answerer = () => ({ kind: 'ok' });
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  for (const i of [10, 11]) assert.equal(stage.consume(batch(i)), Outcome.accepted);
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(samplesIn(sink), { 'a{}': values(0, 12) });
});

test('a queue that is not full takes a batch of any size, and no further one', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'capacity = 2\nmax_shards = 1\nmax_samples_per_send = 10'));
  sink.answerer = () => ({ kind: 'hang' });
  assert.equal(stage.consume(batch(0)), Outcome.accepted);
  assert.equal(stage.consume(batch(1, 25)), Outcome.accepted);
  assert.equal(stage.consume(batch(26)), Outcome.queueFull);
});

test('a batch of several parts gets through a queue that is smaller than each, though it is offered from its start each time', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'capacity = 100\nmax_shards = 1'));
  const ctx = workerContext('otelcol.exporter.prometheus.default');
  ctx.next.prometheus.answer = (part) => stage.consume(part);
  const exporter = create(argsOf(exporterArgs, 'forward_to = []'), ctx);
  const timeUnixNano = '1800000000000000000';
  const points = Array.from({ length: 6000 }, (_, i) =>
    point({ asInt: i, timeUnixNano }, { i: String(i), long: 'x'.repeat(2048) }),
  );
  const bytes = metricsRequest([gauge('g', ...points)], { resource: { 'service.name': 's', host: 'h' } });
  let outcome: Outcome = Outcome.queueFull;
  let offers = 0;
  for (; outcome === Outcome.queueFull && offers < 10; offers++) {
    outcome = await exporter.input!.consume({ signal: METRICS, bytes, items: 6000, metadata: null, owned: true });
    await ctx.clock.advance(1000);
    await stage.ctx.clock.advance(6000);
    await stage.when(() => stage.held() === 0);
  }
  assert.equal(outcome, Outcome.accepted);
  // Four parts of 4 MiB.
  assert.equal(offers, 4, 'one part further each time');
  assert.equal(stage.lost('duplicate'), 0, 'the same again is no loss');
  assert.ok(stage.value('samples_dropped_total', { reason: 'repeated' }) > 0);
  const values = Object.entries(samplesIn(sink)).filter(([name]) => name.startsWith('g{'));
  assert.equal(values.length, 6000);
  assert.ok(values.every(([, samples]) => samples.length === 1));
});

test('of several endpoints a full one refuses a batch only until it has it', async (t) => {
  const [well, full] = [await startSink(t), await startSink(t)];
  const queue = 'capacity = 2\nmax_shards = 1\nmax_samples_per_send = 1';
  const stage = start(t, `${endpoint(well, queue)}\n${endpoint(full, queue)}`);
  full.answerer = () => ({ kind: 'http', status: 503 });
  const url = `${well.httpUrl}/api/v1/write`;
  for (const i of [0, 1]) assert.equal(stage.consume(batch(i)), Outcome.accepted);
  await stage.when(() => stage.value('samples_pending', { url }) === 0);
  const refused = batch(2);
  for (let i = 0; i < 5; i++) assert.equal(stage.consume(refused), Outcome.queueFull);
  full.answerer = () => ({ kind: 'ok' });
  await stage.when(() => stage.value('samples_retried_total') > 0);
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.equal(stage.consume(refused), Outcome.accepted);
  await stage.when(() => stage.held() === 0);
  for (const sink of [well, full]) assert.deepEqual(samplesIn(sink), { 'a{}': [0, 1, 2] });
  assert.equal(stage.value('samples_in_total'), 3, 'counted once');
});

test('an endpoint that is down and full loses what it cannot hold; the others miss nothing', async (t) => {
  const [down, up] = [await startSink(t), await startSink(t)];
  down.answerer = () => ({ kind: 'http', status: 503 });
  const small = 'capacity = 2\nmax_shards = 1\nmax_samples_per_send = 1\nmin_backoff = "5s"';
  const stage = start(t, `${endpoint(down, small, 'name = "down"')}\n${endpoint(up, small, 'name = "up"')}`);
  const next = async (value: number): Promise<Outcome> => {
    const outcome = await stage.consume(batch(value));
    await stage.when(() => stage.value('samples_pending', { remote_name: 'up' }) === 0);
    return outcome;
  };
  assert.deepEqual([await next(0), await next(1)], [Outcome.accepted, Outcome.accepted]);
  assert.equal(await next(2), Outcome.queueFull, 'it may come back at once');
  await stage.ctx.clock.advance(30_000);
  for (const value of [3, 4, 5]) assert.equal(await next(value), Outcome.accepted);
  assert.deepEqual(samplesIn(up), { 'a{}': [0, 1, 2, 3, 4, 5] });
  assert.equal(stage.value('samples_dropped_total', { remote_name: 'down', reason: 'queue_full' }), 3);
  assert.equal(stage.lost('queue_full'), 3);
  down.answerer = () => ({ kind: 'ok' });
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.equal(await next(6), Outcome.accepted);
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(samplesIn(down), { 'a{}': [0, 1, 6] });
  assert.ok(
    stage.ctx.log.lines.some(({ message, fields }) => message.includes('full') && fields['remote_name'] === 'down'),
  );
});

test('where all endpoints are down a full queue refuses: nothing is dropped', async (t) => {
  const [one, two] = [await startSink(t), await startSink(t)];
  one.answerer = two.answerer = () => ({ kind: 'http', status: 503 });
  const small = 'capacity = 1\nmax_shards = 1\nmax_samples_per_send = 1';
  const stage = start(t, `${endpoint(one, small)}\n${endpoint(two, small)}`);
  void stage.consume(batch(0));
  await stage.when(() => one.requests.length > 0 && two.requests.length > 0);
  await stage.ctx.clock.advance(60_000);
  assert.equal(await stage.consume(batch(1)), Outcome.queueFull);
  assert.equal(stage.lost('queue_full'), 0);
});

test('what an endpoint holds does not depend on borrowed memory', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  const borrowed = { ...batch(0, 3), owned: false };
  void stage.consume(borrowed);
  borrowed.bytes.fill(0xff);
  await stage.part.stop(1000);
  assert.deepEqual(samplesIn(sink), { 'a{}': [0, 1, 2] });
});

test('memory that is read is given back', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  let released = 0;
  void stage.consume({ ...batch(0), release: () => void released++ });
  assert.equal(released, 1);
});

test('an update keeps what waits; it leaves with the new settings', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  sink.script({ kind: 'http', status: 503 });
  void stage.consume(batch(0));
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.value('samples_retried_total') === 1);
  void stage.consume(batch(1));
  const rename = 'write_relabel_config {\ntarget_label = "new"\nreplacement = "x"\n}';
  stage.update(endpoint(sink, 'min_shards = 3', `headers = { "X-Scope-OrgID" = "t" }\n${rename}`));
  void stage.consume(batch(2));
  assert.deepEqual([stage.value('shards'), stage.held()], [3, 3]);
  await stage.ctx.clock.advance(5000);
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(samplesIn(sink), { 'a{}': [0, 1], 'a{new="x"}': [2] });
  assert.ok(sink.accepted.every(({ headers }) => headers['x-scope-orgid'] === 't'));
  await stage.part.stop(1000);
  assertSettled(stage);
});

test('an update of the connection: what is under way finishes on the old one', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'max_samples_per_send = 1'));
  let answer = (): void => undefined;
  sink.script({ kind: 'held', until: new Promise((resolve) => (answer = resolve)) });
  void stage.consume(batch(0));
  await stage.when(() => sink.requests.length === 1);
  stage.update(endpoint(sink, 'max_samples_per_send = 1', 'bearer_token = "t"'));
  void stage.consume(batch(1));
  answer();
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(
    sink.accepted.map(({ headers }) => headers['authorization']),
    [undefined, 'Bearer t'],
  );
  assert.equal(stage.value('samples_retried_total'), 0);
});

test('an endpoint that leaves the configuration sends what it holds; a new one gets what comes then', async (t) => {
  const [old, fresh] = [await startSink(t), await startSink(t)];
  const stage = start(t, endpoint(old));
  void stage.consume(batch(0));
  stage.update(endpoint(fresh));
  void stage.consume(batch(1));
  await stage.when(() => old.accepted.length === 1);
  await stage.part.stop(1000);
  assert.deepEqual([samplesIn(old), samplesIn(fresh)], [{ 'a{}': [0] }, { 'a{}': [1] }]);
  assertSettled(stage);
});

test('an update that cannot be is refused whole', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  void stage.consume(batch(0));
  const impossible = endpoint(sink, '', 'name = "other"\ntls_config {\nca_file = "/nowhere/ca.pem"\n}');
  assert.throws(() => stage.update(`${impossible}\n${endpoint(sink)}`), /nowhere/);
  void stage.consume(batch(1));
  await stage.part.stop(1000);
  assert.deepEqual(samplesIn(sink), { 'a{}': [0, 1] });
  assertSettled(stage);
});

test('an update of which one part cannot be leaves every endpoint as it was', async (t) => {
  const [first, second] = [await startSink(t), await startSink(t)];
  const stage = start(t, `${endpoint(first, '', 'name = "1"')}\n${endpoint(second, '', 'name = "2"')}`);
  const changed = endpoint(
    first,
    'batch_send_deadline = "1s"',
    'name = "1"\nheaders = { "x-new" = "1" }\nbearer_token = "t"',
  );
  const impossible = endpoint(second, '', 'name = "2"\ntls_config {\nca_file = "/nowhere/ca.pem"\n}');
  assert.throws(() => stage.update(`${changed}\n${impossible}`), /nowhere/);
  void stage.consume(batch(0));
  await stage.ctx.clock.advance(1000);
  assert.equal(stage.held(), 2, 'batch_send_deadline is the old one');
  await stage.part.stop(1000);
  assert.deepEqual([samplesIn(first), samplesIn(second)], [{ 'a{}': [0] }, { 'a{}': [0] }]);
  assert.deepEqual(
    ['x-new', 'authorization'].map((name) => first.accepted[0].headers[name]),
    [undefined, undefined],
  );
  assertSettled(stage);
});

test('an endpoint that leaves and comes back, or gets another name, sends no sample before those it held', async (t) => {
  const sink = await startSink(t);
  const one = 'max_samples_per_send = 1';
  for (const name of ['a', 'b']) {
    const stage = start(t, endpoint(sink, one, 'name = "a"'));
    let answer = (): void => undefined;
    const seen = sink.requests.length;
    sink.script({ kind: 'held', until: new Promise((resolve) => (answer = resolve)) });
    for (const value of [0, 1]) void stage.consume(batch(value));
    await stage.when(() => sink.requests.length === seen + 1);
    if (name === 'a') stage.update('');
    stage.update(endpoint(sink, one, `name = "${name}"`));
    void stage.consume(batch(2));
    // A request that would overtake has its time.
    for (let turn = 0; turn < 50; turn++) await settle();
    answer();
    await stage.when(() => stage.held() === 0);
    await stage.part.stop(1000);
    assertSettled(stage);
  }
  assert.deepEqual(samplesIn(sink), { 'a{}': [0, 1, 2, 0, 1, 2] });
  assert.ok(sink.requests.length === 6);
});

test('an endpoint that waits for its predecessor ends with the collector, too', async (t) => {
  const sink = await startSink(t);
  sink.answerer = () => ({ kind: 'hang' });
  const one = 'max_samples_per_send = 1';
  const stage = start(t, endpoint(sink, one));
  void stage.consume(batch(0));
  await stage.when(() => sink.requests.length === 1);
  stage.update('');
  stage.update(endpoint(sink, one));
  void stage.consume(batch(1));
  const stopped = stage.part.stop(3000);
  await stage.ctx.clock.advance(3000);
  await stopped;
  assert.equal(stage.lost('shutdown'), 2);
  assertSettled(stage);
});

test('endpoints are called by their name, else by digits that differ', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, `${endpoint(sink)}\n${endpoint(sink)}\n${endpoint(sink, '', 'name = "mine"')}`);
  assert.equal(stage.consume(batch(0)), Outcome.accepted);
  await stage.part.stop(1000);
  assert.equal(stage.value('samples_total', { remote_name: 'mine' }), 1);
  assert.equal(stage.value('samples_total'), 3);
  assert.equal(sink.accepted.length, 3);
});

test('workers share shards; each has at least one', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, 'min_shards = 6\nmax_shards = 10'), { index: 0, count: 4 });
  assert.deepEqual(
    ['shards', 'shards_min', 'shards_max'].map((name) => stage.value(name)),
    [2, 2, 3],
  );
});

test('an endpoint that has left ends with the collector, at its deadline', async (t) => {
  const [old, fresh] = [await startSink(t), await startSink(t)];
  old.answerer = () => ({ kind: 'hang' });
  const stage = start(t, endpoint(old, 'max_samples_per_send = 1'));
  void stage.consume(batch(0));
  await stage.when(() => old.requests.length === 1);
  stage.update(endpoint(fresh));
  const stopped = stage.part.stop(3000);
  await stage.ctx.clock.advance(3000);
  await stopped;
  assert.equal(stage.lost('shutdown'), 1);
  assertSettled(stage);
});

test('moving to other shards minds the age of samples, and loses none that is young', async (t) => {
  const sink = await startSink(t);
  const queue = (shards: number): string =>
    `sample_age_limit = "10s"\nmax_samples_per_send = 3\nmin_shards = ${shards}\nbatch_send_deadline = "20s"`;
  const stage = start(t, endpoint(sink, queue(1)));
  const nowMs = Date.UTC(2026, 0, 1);
  let answer = (): void => undefined;
  sink.script({ kind: 'held', until: new Promise((resolve) => (answer = resolve)) });
  const put = (count: number, ms: number): void => {
    for (let i = 0; i < count; i++) void stage.consume(promBatch([series({ __name__: `s${i}` }, [ms - nowMs], ms)]));
  };
  put(9, nowMs);
  await stage.when(() => sink.requests.length === 1);
  await stage.ctx.clock.advance(11_000);
  put(8, nowMs + 11_000);
  answer();
  stage.update(endpoint(sink, queue(4)));
  await stage.part.stop(10_000);
  const found = Object.values(samplesIn(sink)).flat();
  assert.equal(found.filter((value) => value === 11_000).length, 8);
  assert.equal(found.length + stage.lost('too_old'), 17);
  assertSettled(stage);
});

test('what was stopped does not start again', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  await stage.part.stop(0);
  void stage.part.start();
  assertSettled(stage);
});
