import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeLabels, readLabels } from '#codec/prometheus/labels.ts';
import { SeriesView } from '#codec/prometheus/write-request.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { LabelCache, type Transform } from '#components/kit/relabel/label-cache.ts';

function series(name: string): SeriesView {
  const out = new Writer();
  writeLabels(out, [['name', name]]);
  const bytes = out.finish();
  return new SeriesView().reset(bytes, 0, bytes.length);
}

/** Counts how often it is asked. */
function counted(transform: Transform): Transform & { calls: number } {
  const made = Object.assign((labels: Parameters<Transform>[0]) => (made.calls++, transform(labels)), { calls: 0 });
  return made;
}

const shout = counted((labels) => labels.map(([name, value]) => [name, value.toUpperCase()] as const));

describe('label cache', () => {
  it('asks once for each label set, and tells same, changed and dropped apart', () => {
    const transform = counted((labels) => {
      const [[name, value]] = labels;
      if (value === 'gone') return null;
      if (value === 'bare') return [];
      return value === 'new' ? [[name, 'NEW']] : labels;
    });
    const cache = new LabelCache(transform, 10, 0);
    for (let round = 0; round < 3; round++) {
      assert.equal(cache.fateOf(series('same'), 0).kind, 'same');
      assert.equal(cache.fateOf(series('gone'), 0).kind, 'dropped');
      assert.equal(cache.fateOf(series('bare'), 0).kind, 'dropped');
      const changed = cache.fateOf(series('new'), 0);
      assert.equal(changed.kind, 'changed');
      assert.deepEqual(readLabels(changed.bytes, 0, changed.bytes.length), [['name', 'NEW']]);
    }
    assert.equal(transform.calls, 4);
    assert.deepEqual(cache.counts, { hits: 8, misses: 4, deletes: 0 });
  });

  it('a changed label set and one that came so have the same hash', () => {
    const changed = new LabelCache(shout, 10, 0).fateOf(series('a'), 0);
    assert.equal(changed.hash, new LabelCache((labels) => labels, 10, 0).fateOf(series('A'), 0).hash);
  });

  it('is bounded, and keeps what is asked for', () => {
    const cache = new LabelCache(shout, 4, 0);
    for (let i = 0; i < 50; i++) {
      cache.fateOf(series('often'), 0);
      cache.fateOf(series(`once ${i}`), 0);
      assert.ok(cache.size <= 4);
    }
    assert.equal(cache.counts.hits, 49, 'the one that comes again and again stays');
    assert.equal(cache.counts.deletes, 51 - 4);
  });

  it('holds on through any sequence of adding, forgetting and ageing', () => {
    const cache = new LabelCache(shout, 8, 5);
    let random = 1;
    for (let step = 0; step < 5000; step++) {
      random = (random * 1103515245 + 12345) % 2 ** 31;
      const name = `s${random % 20}`;
      const now = step / 10;
      if (random % 7 === 0) cache.forget(series(name));
      else if (random % 31 === 0) cache.sweep(now);
      else {
        const { bytes } = cache.fateOf(series(name), now);
        assert.deepEqual(readLabels(bytes, 0, bytes.length), [['name', name.toUpperCase()]]);
      }
      assert.ok(cache.size <= 8);
    }
    cache.sweep(1e9);
    assert.equal(cache.size, 0);
    assert.equal(cache.counts.deletes, cache.counts.misses);
  });

  it('forgets by age and by order', () => {
    const cache = new LabelCache(shout, 8, 100);
    cache.fateOf(series('a'), 0);
    cache.fateOf(series('a'), 100);
    assert.equal(cache.counts.hits, 1);
    cache.fateOf(series('a'), 101);
    assert.equal(cache.counts.misses, 2, 'older than it may be');
    cache.forget(series('a'));
    assert.equal(cache.size, 0);
    cache.forget(series('a'));
  });
});
