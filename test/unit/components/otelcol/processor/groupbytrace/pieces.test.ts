import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { TracePieces } from '#components/otelcol/processor/groupbytrace/pieces.ts';
import { countItems } from '#codec/otlp/count.ts';
import { scan } from '#codec/otlp/scan.ts';
import { TRACES } from '#shared/signal.ts';
import { encodeRequest, listItems, type PlainMessage } from '#test/support/otlp-proto.ts';

interface Piece {
  readonly id: string;
  readonly spans: number;
  readonly bytes: Buffer;
}

function cut(pieces: TracePieces, request: Buffer): Piece[] {
  pieces.cut(request);
  const made = Array.from({ length: pieces.count }, (_, i) => {
    const bytes = Buffer.alloc(pieces.turnTo(i) + 3, 0xee);
    pieces.write(bytes, 1);
    assert.deepEqual([bytes[0], bytes.at(-2), bytes.at(-1)], [0xee, 0xee, 0xee], 'exactly as long as it said');
    return {
      id: pieces.id.toString('hex', pieces.idAt, pieces.idAt + 16),
      spans: pieces.spans,
      bytes: bytes.subarray(1, -2),
    };
  });
  pieces.release();
  return made;
}

const id = (n: number): Buffer => Buffer.alloc(16, n);
const traceOf = (item: string): string => {
  const span = (JSON.parse(item) as PlainMessage[])[4];
  return (span['traceId'] as string | undefined) ?? '0'.repeat(32);
};

describe('one request per trace', () => {
  it('in order of their first spans, the spans in order', () => {
    const spans = [2, 1, 2, 3, 1].map((n, i) => ({ traceId: id(n), name: String(i) }));
    const made = cut(new TracePieces(), encodeRequest(TRACES, { resourceSpans: [{ scopeSpans: [{ spans }] }] }));
    assert.deepEqual(
      made.map(({ id: trace, spans: count }) => [trace.slice(0, 2), count]),
      [
        ['02', 2],
        ['01', 2],
        ['03', 1],
      ],
    );
    assert.deepEqual(
      made.map(({ bytes }) => listItems(TRACES, bytes).map((item) => (JSON.parse(item) as PlainMessage[])[4]['name'])),
      [['0', '2'], ['1', '4'], ['3']],
    );
  });

  it('spans without an id are one trace', () => {
    const spans = [{ name: 'a' }, { traceId: id(0), name: 'b' }, { traceId: id(1) }];
    const made = cut(new TracePieces(), encodeRequest(TRACES, { resourceSpans: [{ scopeSpans: [{ spans }] }] }));
    assert.deepEqual(
      made.map(({ id: trace, spans: count }) => [trace, count]),
      [
        ['0'.repeat(32), 2],
        ['01'.repeat(16), 1],
      ],
    );
  });

  it('unknown fields stay', () => {
    const unknown = Buffer.from([0xba, 0x06, 0x01, 0x2a]);
    const request = encodeRequest(TRACES, { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: id(1) }] }] }] });
    const [piece] = cut(new TracePieces(), Buffer.concat([request, unknown]));
    assert.ok(piece.bytes.includes(unknown));
  });
});

test('against a model that decodes: each span once, in its trace, with its resource and scope', () => {
  const pieces = new TracePieces();
  const span = fc.record({ traceId: fc.constantFrom(id(0), id(1), id(2), id(3), undefined), kind: fc.nat(3) });
  const scope = fc.record({
    scope: fc.record({ name: fc.constantFrom('', 's', 't') }),
    spans: fc.array(span, { maxLength: 4 }),
    schemaUrl: fc.constantFrom('', 'u'),
  });
  const entry = fc.record({
    resource: fc.record({ droppedAttributesCount: fc.nat(2) }),
    scopeSpans: fc.array(scope, { maxLength: 3 }),
    schemaUrl: fc.constantFrom('', 'v'),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 4 }), (resourceSpans) => {
      const request = encodeRequest(TRACES, { resourceSpans });
      const made = cut(pieces, request);
      const items = listItems(TRACES, request);
      assert.equal(new Set(made.map((piece) => piece.id)).size, made.length);
      for (const piece of made) {
        assert.equal(scan(TRACES, piece.bytes, 0, piece.bytes.length, null), piece.spans);
        assert.deepEqual(
          listItems(TRACES, piece.bytes),
          items.filter((item) => traceOf(item) === piece.id),
        );
      }
      assert.equal(
        made.reduce((sum, { spans }) => sum + spans, 0),
        countItems(TRACES, request),
      );
    }),
  );
});
