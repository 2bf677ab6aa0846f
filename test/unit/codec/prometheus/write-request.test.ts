import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelsHash, readLabels, writeLabels } from '#codec/prometheus/labels.ts';
import {
  countItems,
  familyOf,
  LEAVE_NOTHING,
  SeriesView,
  WriteRequestWalk,
  type Leave,
} from '#codec/prometheus/write-request.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { encodeWriteRequest, listSeries, STALE, type SeriesRead } from '#test/support/prom-proto.ts';

const SERIES = {
  labels: [
    { name: '__name__', value: 'calls' },
    { name: 'job', value: 'ü' },
  ],
  samples: [
    { value: 1, timestamp: 1000 },
    { value: 2, timestamp: 3000 },
    { value: 3, timestamp: 2000 },
  ],
  exemplars: [{ labels: [{ name: 'trace_id', value: 'a' }], value: 1, timestamp: 1000 }],
  histograms: [
    { countInt: 2, sum: 3, schema: 1, positiveSpans: [{ offset: 0, length: 1 }], positiveDeltas: [2], timestamp: 4000 },
  ],
};
const REQUEST = encodeWriteRequest({
  timeseries: [SERIES, { labels: [{ name: '__name__', value: 'up' }], samples: [{ value: STALE, timestamp: -5 }] }],
  metadata: [{ type: 1, metricFamilyName: 'calls', help: 'h', unit: 's' }],
});

function first(bytes: Buffer): SeriesView {
  const walk = new WriteRequestWalk().reset(bytes);
  assert.ok(walk.next() && walk.isSeries);
  return new SeriesView().reset(bytes, walk.start, walk.stop);
}

/** The fields that `copy` gives, behind the labels of the series, as the oracle reads them. */
function copied(
  view: SeriesView,
  leave: Leave,
  from?: number,
  count?: number,
): SeriesRead & { readonly taken: number } {
  const out = new Writer();
  const mark = out.begin(1);
  out.raw(view.buf, view.labelsStart, view.labelsStop);
  const taken = view.copy(out, leave, from, count);
  out.end(mark);
  return { ...listSeries(out.finish())[0], taken };
}

describe('walking a WriteRequest', () => {
  it('finds series and metadata in order, and counts samples and histograms', () => {
    const seen: string[] = [];
    for (const walk = new WriteRequestWalk().reset(REQUEST); walk.next();) {
      if (walk.isSeries) seen.push(readLabels(REQUEST, walk.start, walk.stop)[0][1]);
      else seen.push(`# ${familyOf(REQUEST, walk.start, walk.stop)}`);
    }
    assert.deepEqual(seen, ['calls', 'up', '# calls']);
    assert.equal(countItems(REQUEST), 5);
    assert.equal(countItems(Buffer.alloc(0)), 0);
  });

  it('sees what a series holds', () => {
    const view = first(REQUEST);
    assert.deepEqual(
      [view.samples, view.exemplars, view.histograms, view.oldestMs, view.newestMs, view.stale],
      [3, 1, 1, 1000, 4000, false],
    );
    assert.deepEqual(readLabels(view.buf, view.labelsStart, view.labelsStop), [
      ['__name__', 'calls'],
      ['job', 'ü'],
    ]);
  });

  it('knows the stale marker from another NaN, and times before the epoch', () => {
    const one = (value: number): SeriesView =>
      first(encodeWriteRequest({ timeseries: [{ samples: [{ value, timestamp: -5 }] }] }));
    assert.equal(one(STALE).stale, true);
    assert.equal(one(Number.NaN).stale, false);
    assert.equal(one(1).oldestMs, -5);
  });

  it('reads labels that stand between other fields', () => {
    const label = (name: string): Buffer => {
      const out = new Writer();
      writeLabels(out, [[name, 'x']]);
      return out.finish();
    };
    const sample = Buffer.from('12021005', 'hex');
    const view = new SeriesView();
    const bytes = Buffer.concat([label('a'), sample, label('b')]);
    view.reset(bytes, 0, bytes.length);
    assert.equal(view.labelsStop, -1);
    assert.deepEqual(
      readLabels(bytes, 0, bytes.length).map(([name]) => name),
      ['a', 'b'],
    );
    const out = new Writer();
    assert.equal(view.copy(out, LEAVE_NOTHING), 1);
    assert.deepEqual(out.finish(), sample);
  });

  it('copies everything, or leaves out what it is told to', () => {
    const view = first(REQUEST);
    const [whole] = listSeries(REQUEST);
    assert.deepEqual(copied(view, LEAVE_NOTHING), { ...whole, taken: 4 });
    assert.deepEqual(copied(view, { ...LEAVE_NOTHING, exemplars: true }), { ...whole, exemplars: [], taken: 4 });
    assert.deepEqual(copied(view, { ...LEAVE_NOTHING, histograms: true }), { ...whole, histograms: [], taken: 3 });
    assert.deepEqual(copied(view, { ...LEAVE_NOTHING, beforeMs: 2000 }), {
      ...whole,
      samples: whole.samples.slice(1),
      taken: 3,
    });
  });

  it('cuts a series into parts that are together the whole', () => {
    const view = first(REQUEST);
    const [whole] = listSeries(REQUEST);
    const parts = [0, 2].map((from) => copied(view, LEAVE_NOTHING, from, 2));
    assert.deepEqual(
      parts.map(({ taken }) => taken),
      [2, 2],
    );
    for (const { labels } of parts) assert.deepEqual(labels, whole.labels);
    for (const key of ['samples', 'exemplars', 'histograms'] as const)
      assert.deepEqual(
        parts.flatMap((part): readonly unknown[] => part[key]),
        whole[key],
      );
  });

  it('keeps unknown fields', () => {
    const unknown = Buffer.from([0xf8, 0x01, 0x07]);
    const bytes = Buffer.concat([REQUEST.subarray(first(REQUEST).start, first(REQUEST).stop), unknown]);
    const view = new SeriesView().reset(bytes, 0, bytes.length);
    for (const leave of [LEAVE_NOTHING, { ...LEAVE_NOTHING, exemplars: true }]) {
      const out = new Writer();
      view.copy(out, leave);
      assert.ok(out.finish().includes(unknown));
    }
  });

  it('hashes label sets by all of their bytes, wherever they lie', () => {
    const hashes = new Set<number>();
    const shards = new Int32Array(8);
    for (let i = 0; i < 4000; i++) {
      const text = Buffer.from(`__name__=calls,id=${i}`);
      const hash = labelsHash(text, 0, text.length);
      const moved = Buffer.concat([Buffer.alloc(1 + (i % 5)), text, Buffer.alloc(3, 0xff)]);
      assert.equal(labelsHash(moved, 1 + (i % 5), moved.length - 3), hash);
      hashes.add(hash);
      shards[(hash >>> 0) % 8]++;
    }
    assert.ok(hashes.size >= 3998, 'hardly two are the same');
    for (const count of shards) assert.ok(count > 400 && count < 600, 'and they spread');
  });

  it('says that bytes are no WriteRequest', () => {
    for (const bad of ['0aff', '0a03120508', '00', '0f', '0a0512031ee90a'])
      assert.throws(() => countItems(Buffer.from(bad, 'hex')), ProtobufError, bad);
    for (let cut = 1; cut < REQUEST.length; cut++) {
      try {
        countItems(REQUEST.subarray(0, cut));
      } catch (thrown) {
        assert.ok(thrown instanceof ProtobufError, `cut at ${cut}`);
      }
    }
  });
});
