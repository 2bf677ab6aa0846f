import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outcome } from '#shared/outcome.ts';
import { promBatch, series } from '#test/support/prom-batch.ts';
import { assertSettled, endpoint, samplesIn, start, startSink } from '#test/support/remote-write-stage.ts';

const one = (value: number, name = 'a') => promBatch([series({ __name__: name }, [value], 1000 + value)]);
const AT_ONCE = 'max_samples_per_send = 1';

test('400: that request is dropped, counted and logged once, and the next is sent', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, AT_ONCE));
  sink.script(
    { kind: 'http', status: 400, body: 'out of order sample\nmore' },
    { kind: 'http', status: 404 },
    { kind: 'http', status: 301, headers: { location: '/' } },
  );
  for (let i = 0; i < 4; i++) void stage.consume(one(i));
  await stage.when(() => stage.held() === 0);
  assert.deepEqual(samplesIn(sink), { 'a{}': [3] });
  assert.deepEqual(
    [stage.value('samples_failed_total'), stage.value('samples_total'), stage.lost('rejected')],
    [3, 1, 3],
  );
  assert.equal(stage.value('samples_retried_total'), 0);
  const lines = stage.ctx.log.lines.filter(({ level }) => level === 'error');
  assert.deepEqual(
    lines.map(({ message, fields }) => [message, fields['error'], fields['reason']]),
    [['sending failed, data is dropped', 'HTTP status 400: out of order sample', 'rejected']],
  );
});

test('5xx and lost connections: the same request again, with waits that double, for ever', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, `${AT_ONCE}\nmin_backoff = "30ms"\nmax_backoff = "200ms"`));
  const answers = [{ kind: 'http', status: 500 }, { kind: 'http', status: 503 }, { kind: 'reset' }] as const;
  sink.answerer = ({ headers }) => answers[Number(headers['retry-attempt'] ?? 0) % 3];
  void stage.consume(one(1));
  const waits = [30, 60, 120, 200, 200, 200];
  for (const [i, wait] of waits.entries()) {
    await stage.when(() => stage.value('samples_retried_total') === i + 1);
    assert.equal(sink.requests.length, i + 1);
    await stage.ctx.clock.advance(wait - 1);
    assert.equal(sink.requests.length, i + 1, 'not before its time');
    await stage.ctx.clock.advance(1);
    await stage.when(() => sink.requests.length === i + 2);
  }
  sink.answerer = () => ({ kind: 'ok' });
  await stage.when(() => stage.value('samples_retried_total') === waits.length + 1);
  await stage.ctx.clock.advance(200);
  await stage.when(() => stage.held() === 0);
  assert.equal(new Set(sink.requests.map(({ bytes }) => bytes.toString('hex'))).size, 1, 'the very same request');
  assert.deepEqual(samplesIn(sink), { 'a{}': [1] });
  assert.ok(
    stage.ctx.log.lines.filter(({ message }) => message.includes('retried')).length <= 2,
    'not a line per attempt',
  );
});

test('an endpoint that is down gets everything when it is back', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, AT_ONCE));
  await sink.down();
  for (let i = 0; i < 3; i++) void stage.consume(one(i));
  await stage.when(() => stage.value('samples_retried_total') >= 1);
  await sink.up();
  while (stage.held() > 0) {
    await stage.when(() => stage.held() === 0 || (stage.ctx.clock.nextDelayMs ?? Infinity) <= 5000);
    await stage.ctx.clock.advance(30);
  }
  assert.deepEqual(samplesIn(sink), { 'a{}': [0, 1, 2] });
});

test('429: Retry-After counts instead of the own wait', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, AT_ONCE));
  sink.script({ kind: 'http', status: 429, headers: { 'retry-after': '7' } });
  void stage.consume(one(1));
  await stage.when(() => stage.value('samples_retried_total') === 1);
  await stage.ctx.clock.advance(6999);
  assert.equal(sink.requests.length, 1);
  await stage.ctx.clock.advance(1);
  await stage.when(() => stage.held() === 0);
  assert.equal(sink.accepted[0].headers['retry-attempt'], '1');
});

test('429 is final where retry_on_http_429 is off', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, `${AT_ONCE}\nretry_on_http_429 = false`));
  sink.script({ kind: 'http', status: 429 });
  void stage.consume(one(1));
  await stage.when(() => stage.held() === 0);
  assert.equal(stage.lost('rejected'), 1);
});

test('an answer that does not come within remote_timeout counts as none', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, AT_ONCE, 'remote_timeout = "2s"'));
  sink.script({ kind: 'hang' });
  void stage.consume(one(1));
  await stage.when(() => sink.requests.length === 1);
  await stage.ctx.clock.advance(2000);
  await stage.when(() => stage.value('samples_retried_total') === 1);
  await stage.ctx.clock.advance(30);
  await stage.when(() => stage.value('samples_total') === 1);
});

test('redirects with the same method are followed unless follow_redirects is off', async (t) => {
  const [from, to] = [await startSink(t), await startSink(t)];
  from.answerer = () => ({ kind: 'http', status: 308, headers: { location: `${to.httpUrl}/elsewhere` } });
  const follows = start(t, endpoint(from, AT_ONCE));
  void follows.consume(one(1));
  await follows.when(() => follows.value('samples_total') === 1);
  assert.deepEqual(samplesIn(to), { 'a{}': [1] });
  const stays = start(t, endpoint(from, AT_ONCE, 'follow_redirects = false'));
  void stays.consume(one(2));
  await stays.when(() => stays.lost('rejected') === 1);
});

test('samples of a series arrive in order whatever is retried, with several shards', async (t) => {
  const sink = await startSink(t);
  const stage = start(
    t,
    endpoint(sink, 'max_samples_per_send = 7\nmin_shards = 4\nmin_backoff = "1ms"\nmax_backoff = "2ms"'),
  );
  let random = 7;
  let open = 0;
  let mostOpen = 0;
  sink.answerer = () => {
    open++;
    mostOpen = Math.max(mostOpen, open);
    random = (random * 1103515245 + 12345) % 2 ** 31;
    if (random % 3 === 0) {
      open--;
      return { kind: 'http', status: 500 };
    }
    return { kind: 'held', until: new Promise((resolve) => setImmediate(() => (open--, resolve()))) };
  };
  const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
  for (let value = 0; value < 30; value++)
    assert.equal(
      stage.consume(promBatch(names.map((name) => series({ __name__: name }, [value], value)))),
      Outcome.accepted,
    );
  for (let i = 0; stage.held() > 0; i++) {
    assert.ok(i < 20_000, 'it comes to an end');
    await stage.ctx.clock.advance(i % 50 === 0 ? 1000 : 1);
  }
  const found = samplesIn(sink);
  assert.deepEqual(Object.keys(found).sort(), names.map((name) => `${name}{}`).sort());
  for (const [name, values] of Object.entries(found))
    assert.deepEqual(
      values,
      Array.from({ length: 30 }, (_, i) => i),
      name,
    );
  assert.ok(mostOpen <= 4, `one request per shard at a time, saw ${mostOpen}`);
});

test('stop sends what waits, in one attempt each, then nothing more', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink));
  for (let i = 0; i < 3; i++) void stage.consume(one(i));
  await stage.part.stop(10_000);
  assert.deepEqual(samplesIn(sink), { 'a{}': [0, 1, 2] });
  assert.equal(stage.consume(one(4)), Outcome.stopping);
  assertSettled(stage);
  await stage.ctx.clock.advance(600_000);
  assert.equal(sink.requests.length, 1);
});

test('stop with an endpoint that fails: one more attempt, the rest is dropped, counted and logged', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, AT_ONCE));
  sink.answerer = () => ({ kind: 'http', status: 503 });
  for (let i = 0; i < 3; i++) void stage.consume(one(i));
  await stage.when(() => stage.value('samples_retried_total') === 1);
  await stage.part.stop(10_000);
  assert.equal(sink.requests.length, 4, 'the one that waited twice, the others once');
  assert.equal(stage.lost('shutdown'), 3);
  assertSettled(stage);
});

test('stop with an endpoint that does not answer ends at the deadline', async (t) => {
  const sink = await startSink(t);
  const stage = start(t, endpoint(sink, AT_ONCE, 'metadata_config {\nsend_interval = "1h"\n}'));
  sink.answerer = () => ({ kind: 'hang' });
  for (let i = 0; i < 3; i++) void stage.consume(one(i));
  await stage.when(() => sink.requests.length === 1);
  const stopped = stage.part.stop(2000);
  await stage.ctx.clock.advance(2000);
  await stopped;
  assert.equal(stage.lost('shutdown'), 3);
  assert.deepEqual([stage.value('samples_total'), stage.value('samples_failed_total')], [0, 3]);
  assertSettled(stage);
});

test('a removed component insists for most of its deadline; the end of the collector cuts that short', async (t) => {
  const sink = await startSink(t);
  const [patient, cut] = [start(t, endpoint(sink, AT_ONCE)), start(t, endpoint(sink, AT_ONCE))];
  sink.answerer = () => ({ kind: 'http', status: 503 });
  for (const stage of [patient, cut]) void stage.consume(one(1));
  const stopped = patient.part.stop(60_000, true);
  await patient.when(() => patient.value('samples_retried_total') >= 1);
  for (let i = 0; i < 8; i++) {
    const tried = patient.value('samples_retried_total');
    await patient.ctx.clock.advance(patient.ctx.clock.nextDelayMs ?? 0);
    await patient.when(() => patient.value('samples_retried_total') > tried);
  }
  sink.answerer = () => ({ kind: 'ok' });
  await patient.ctx.clock.advance(5000);
  await stopped;
  assert.deepEqual([patient.value('samples_total'), patient.lost('shutdown')], [1, 0]);
  assertSettled(patient);

  sink.answerer = () => ({ kind: 'http', status: 503 });
  await cut.when(() => cut.value('samples_retried_total') >= 1);
  const insisting = cut.part.stop(60_000, true);
  void cut.part.stop(60_000);
  await insisting;
  assert.equal(cut.lost('shutdown'), 1);
  assertSettled(cut);
});

test('starting and stopping in any order leaves nothing behind', async (t) => {
  const sink = await startSink(t);
  const never = start(t, endpoint(sink));
  await never.part.stop(0);
  await never.part.stop(1000, true);
  assertSettled(never);
});
