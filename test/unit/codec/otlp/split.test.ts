import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countItems } from '#codec/otlp/count.ts';
import { Splitter } from '#codec/otlp/split.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { METRICS, SIGNALS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { decodeRequest, encodeRequest, listItems } from '#test/support/otlp-proto.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';
import { delimited as field } from '#test/fuzz/codec-wire.ts';

const MAKERS = [makeTraces, makeMetrics, makeLogs] as const;

function pieces(
  signal: Signal,
  bytes: Buffer,
  maxItems: number,
  maxBytes = Infinity,
): { bytes: Buffer; items: number; oversized: boolean }[] {
  const splitter = new Splitter().reset(signal, bytes);
  const out = [];
  for (let piece = splitter.next(maxItems, maxBytes); piece !== null; piece = splitter.next(maxItems, maxBytes)) {
    out.push({ bytes: piece, items: splitter.items, oversized: splitter.oversized });
  }
  return out;
}

for (const signal of SIGNALS) {
  describe(`Splitter on ${SIGNAL_NAMES[signal]}`, () => {
    const bytes = MAKERS[signal]({ items: 100 });

    it('fills each piece to the limit but the last', () => {
      assert.deepEqual(
        pieces(signal, bytes, 30).map((piece) => piece.items),
        [30, 30, 30, 10],
      );
      assert.deepEqual(
        pieces(signal, bytes, 50).map((piece) => piece.items),
        [50, 50],
      );
    });

    it('gives a request within the limits as one equal piece', () => {
      const [only, ...rest] = pieces(signal, bytes, 100, bytes.length);
      assert.ok(only?.bytes.equals(bytes));
      assert.deepEqual(rest, []);
    });

    it('takes as many items as the bytes allow', () => {
      const maxBytes = 3000;
      for (const [i, piece] of pieces(signal, bytes, Infinity, maxBytes).entries()) {
        assert.ok(piece.bytes.length <= maxBytes);
        const rest = pieces(signal, bytes, Infinity, maxBytes).slice(i + 1);
        if (rest.length === 0) continue;
        // One item more, in one piece with these, would not have fitted.
        const before = pieces(signal, bytes, Infinity, maxBytes)
          .slice(0, i)
          .reduce((n, p) => n + p.items, 0);
        const splitter = new Splitter().reset(signal, bytes);
        if (before > 0) splitter.next(before);
        assert.ok((splitter.next(piece.items + 1) as Buffer).length > maxBytes);
      }
    });

    it('gives an item that is too large by itself, and says so', () => {
      const all = pieces(signal, bytes, Infinity, 10);
      assert.equal(all.length, 100);
      assert.ok(all.every((piece) => piece.oversized && piece.items === 1));
      assert.deepEqual(
        all.flatMap((piece) => listItems(signal, piece.bytes)),
        listItems(signal, bytes),
      );
    });
  });
}

describe('Splitter', () => {
  it('cuts inside one metric and repeats its header', () => {
    const points = Array.from({ length: 5 }, (_, i) => ({ asInt: i }));
    const bytes = encodeRequest(METRICS, {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                { name: 'm', unit: 's', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: points } },
              ],
              schemaUrl: 'u',
            },
          ],
        },
      ],
    });
    const decoded = pieces(METRICS, bytes, 2).map((piece) => decodeRequest(METRICS, piece.bytes));
    const wanted = [['0', '1'], ['2', '3'], ['4']].map((values) => ({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'm',
                  unit: 's',
                  sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: values.map((asInt) => ({ asInt })) },
                },
              ],
              schemaUrl: 'u',
            },
          ],
        },
      ],
    }));
    assert.deepEqual(decoded, wanted);
  });

  it('repeats headers that come after the items; those of the request come once', () => {
    const scope = Buffer.concat([
      field(2, field(5, 'one')),
      field(2, field(5, 'two')),
      field(1, field(1, 'scope')),
      field(9, 'unknown'),
    ]);
    const bytes = Buffer.concat([
      field(60, 'top'),
      field(1, Buffer.concat([field(2, scope), field(1, ''), field(3, 'url')])),
      field(61, 'end'),
    ]);
    const [first, second, ...none] = pieces(TRACES, bytes, 1).map((piece) => piece.bytes);
    assert.deepEqual(none, []);
    const around = (name: string): Buffer =>
      field(
        1,
        Buffer.concat([
          field(1, ''),
          field(3, 'url'),
          field(2, Buffer.concat([field(1, field(1, 'scope')), field(9, 'unknown'), field(2, field(5, name))])),
        ]),
      );
    assert.deepEqual(first, Buffer.concat([field(60, 'top'), around('one')]));
    assert.deepEqual(second, Buffer.concat([around('two'), field(61, 'end')]));
  });

  it('makes no piece of nothing but empty entries', () => {
    const bytes = encodeRequest(TRACES, {
      resourceSpans: [{}, { scopeSpans: [{ spans: [{}, {}] }, {}] }, { scopeSpans: [{}] }],
    });
    assert.deepEqual(
      pieces(TRACES, bytes, 1).map((piece) => piece.items),
      [1, 1],
    );
    assert.deepEqual(
      pieces(TRACES, bytes, 2).map((piece) => piece.items),
      [2],
    );
  });

  it('carries entries without items along, whatever the limit of bytes', () => {
    const lonely = { resource: { attributes: [{ key: 'lonely', value: { stringValue: 'x'.repeat(100) } }] } };
    const bytes = encodeRequest(TRACES, {
      resourceSpans: [
        { scopeSpans: [{ spans: [{ name: 'a' }] }] },
        lonely,
        { scopeSpans: [{ spans: [{ name: 'b' }] }] },
      ],
    });
    const all = pieces(TRACES, bytes, Infinity, 40);
    assert.deepEqual(
      all.map((piece) => piece.items),
      [1, 1],
    );
    assert.ok(all[0]?.bytes.includes('lonely'));
  });

  it('gives a request without items as one piece without items, an empty one as none', () => {
    const bytes = encodeRequest(TRACES, { resourceSpans: [{}] });
    assert.deepEqual(pieces(TRACES, bytes, 1), [{ bytes, items: 0, oversized: false }]);
    assert.deepEqual(pieces(TRACES, Buffer.alloc(0), 1), []);
  });

  it('starts over on the next request', () => {
    const splitter = new Splitter();
    splitter.reset(METRICS, makeMetrics({ items: 10 })).next(3);
    const bytes = makeTraces({ spans: 4 });
    assert.ok(splitter.reset(TRACES, bytes).next(10)?.equals(bytes));
    assert.equal(splitter.next(10), null);
  });

  it('throws on bytes that are not a request, and does not hang', () => {
    assert.throws(() => pieces(TRACES, Buffer.from('0a05120312', 'hex'), 1), ProtobufError);
    assert.throws(() => countItems(TRACES, Buffer.from('0aff', 'hex')), ProtobufError);
  });
});
