/** The shards alone: an endpoint that the test answers for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelsHash } from '#codec/prometheus/labels.ts';
import { LEAVE_NOTHING, SeriesView, WriteRequestWalk } from '#codec/prometheus/write-request.ts';
import { endpointInstruments } from '#components/prometheus/remote_write/instruments.ts';
import { args } from '#components/prometheus/remote_write/schema.ts';
import { limitsOf, Shards, TICK_MS, type Work } from '#components/prometheus/remote_write/shards.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { FakeClock, settle } from '#test/support/fake-clock.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { promBatch, series } from '#test/support/prom-batch.ts';
import { listSeries, seriesText } from '#test/support/prom-proto.ts';

const limits = (text: string) =>
  limitsOf(argsOf(args, `endpoint {\nurl = "http://x"\nqueue_config {\n${text}\n}\n}`).endpoint[0].queue_config, 1);

function stage(text: string) {
  const clock = new FakeClock();
  const meter = new FakeMeter();
  const open: { readonly work: Work; readonly done: () => void }[] = [];
  const found: Record<string, unknown[]> = {};
  const shards = new Shards(limits(text), clock, endpointInstruments(meter, {}), {
    send: (work) => new Promise((done) => open.push({ work, done })),
  });
  shards.start();
  const next: Record<string, number> = {};
  const put = (name: string, count: number): void => {
    const from = (next[name] ??= 0);
    next[name] += count;
    const { bytes } = promBatch([
      series(
        { __name__: name },
        Array.from({ length: count }, (_, i) => from + i),
        from,
      ),
    ]);
    const view = new SeriesView();
    for (const walk = new WriteRequestWalk().reset(bytes); walk.next();) {
      view.reset(bytes, walk.start, walk.stop);
      const labels = { buf: bytes, start: view.labelsStart, stop: view.labelsStop };
      shards.append(view, labels, labelsHash(bytes, labels.start, labels.stop), LEAVE_NOTHING);
    }
  };
  /** Takes the requests that are under way. */
  const answer = async (count = open.length): Promise<void> => {
    for (const { work, done } of open.splice(0, count)) {
      for (const one of listSeries(work.chunk.bytes))
        (found[seriesText(one)] ??= []).push(...one.samples.map(({ value }) => value));
      done();
    }
    await settle();
  };
  const answerAll = async (): Promise<void> => {
    for (let i = 0; i < 1000 && open.length > 0; i++) await answer();
  };
  const assertAllInOrder = (): void => {
    for (const [name, count] of Object.entries(next))
      assert.deepEqual(
        found[`${name}{}`] ?? [],
        Array.from({ length: count }, (_, i) => i),
        name,
      );
  };
  const gauge = (name: string): number => meter.value(`prometheus_remote_storage_${name}`);
  return { clock, shards, open, put, answer, answerAll, assertAllInOrder, gauge };
}
const NAMES = Array.from({ length: 30 }, (_, i) => `s${i}`);

describe('shards', () => {
  it('double while requests wait and the endpoint takes them, up to max_shards', async () => {
    const { clock, put, open, answer, answerAll, assertAllInOrder, gauge, shards } = stage(
      'max_samples_per_send = 2\nmax_shards = 5',
    );
    const seen: number[] = [];
    for (let tick = 0; tick < 4; tick++) {
      for (let i = 0; i < 4; i++) for (const name of NAMES) put(name, 2);
      await answer();
      seen.push(gauge('shards'));
      await clock.advance(TICK_MS);
      await answer();
      assert.ok(open.length <= gauge('shards'));
    }
    assert.deepEqual(seen, [1, 2, 4, 5]);
    await answerAll();
    assert.equal(shards.items, 0);
    assertAllInOrder();
  });

  it('new shards wait for the requests of the old ones', async () => {
    const { clock, put, open, answer, answerAll, assertAllInOrder, gauge } = stage(
      'max_samples_per_send = 1\nmax_shards = 4',
    );
    for (let i = 0; i < 5; i++) for (const name of NAMES) put(name, 1);
    await answer();
    assert.equal(open.length, 1);
    await clock.advance(TICK_MS);
    assert.equal(gauge('shards'), 2);
    assert.equal(open.length, 1, 'only the old request is under way');
    await answer();
    assert.equal(open.length, 2);
    await answerAll();
    assertAllInOrder();
  });

  it('stay as they are while the endpoint takes nothing', async () => {
    const { clock, put, gauge, shards } = stage('max_samples_per_send = 1');
    for (const name of NAMES) put(name, 3);
    await clock.advance(10 * TICK_MS);
    assert.equal(gauge('shards'), 1);
    assert.equal(shards.abandon().length, 90);
  });

  it('become fewer after a quiet minute, down to min_shards', async () => {
    const { clock, shards, gauge, put, answerAll, assertAllInOrder } = stage('min_shards = 8');
    shards.update(limits('min_shards = 3\nmax_shards = 8'));
    for (const name of NAMES) put(name, 1);
    await clock.advance(6 * TICK_MS);
    assert.equal(gauge('shards'), 4);
    await answerAll();
    await clock.advance(6 * TICK_MS);
    assert.equal(gauge('shards'), 3);
    await clock.advance(20 * TICK_MS);
    assert.equal(gauge('shards'), 3);
    await answerAll();
    assertAllInOrder();
  });

  it('an update moves what waits, and numbers follow', async () => {
    const { shards, gauge, put, answer, answerAll, assertAllInOrder } = stage(
      'max_samples_per_send = 4\nmin_shards = 2',
    );
    for (let i = 0; i < 3; i++) for (const name of NAMES) put(name, 1);
    for (const count of [7, 1, 5]) {
      const { items } = shards;
      shards.update(limits(`max_samples_per_send = 3\nmin_shards = ${count}\nmax_shards = ${count}`));
      assert.deepEqual([shards.items, gauge('samples_pending'), gauge('shards')], [items, items, count]);
      // All that was under way, so that the next update may move the rest.
      await answer();
      await answer();
    }
    for (const name of NAMES) put(name, 1);
    const drained = shards.drain();
    await answerAll();
    await drained;
    assertAllInOrder();
    assert.deepEqual(['shards_min', 'shards_max', 'samples_pending'].map(gauge), [5, 5, 0]);
    assert.deepEqual(shards.abandon(), []);
    assert.deepEqual(
      ['shards', 'shards_desired', 'shards_min', 'shards_max', 'shard_capacity'].map(gauge),
      [0, 0, 0, 0, 0],
    );
  });

  it('drain sends what waits for more; what is given up counts no more when it is done', async () => {
    const { shards, clock, open, put, answer, gauge } = stage('max_samples_per_send = 2');
    put('a', 5);
    put('b', 1);
    const drained = shards.drain();
    assert.equal(clock.pending, 0);
    await answer();
    assert.equal(open.length, 1);
    const left = shards.abandon();
    assert.equal(
      left.reduce((sum, { samples }) => sum + samples, 0),
      4,
    );
    assert.deepEqual([shards.items, gauge('samples_pending')], [0, 0]);
    assert.equal(open[0].work.abandoned, true);
    await answer();
    assert.equal(shards.items, 0);
    void drained;
  });
});
