import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder } from '#net/http2/hpack/decoder.ts';
import { encodeHeaders, TABLE_SIZE_ZERO } from '#net/http2/hpack/encoder.ts';
import { LAST_STATIC, STATIC_TABLE } from '#net/http2/hpack/static-table.ts';

const hex = (...fields: [string, string][]): string => encodeHeaders(fields).toString('hex');
const text = (value: string): string => Buffer.from(value, 'latin1').toString('hex');

describe('encodeHeaders', () => {
  it('writes fields of the static table as an index', () => {
    assert.equal(LAST_STATIC, 61);
    for (let index = 1; index <= LAST_STATIC; index++) {
      const { name, value } = STATIC_TABLE[index];
      assert.equal(hex([name, value]), (0x80 | index).toString(16), name);
    }
  });

  it('writes names of the static table as an index, the first one of that name', () => {
    assert.equal(hex([':status', '201']), `0803${text('201')}`);
    assert.equal(hex(['content-type', 'application/grpc']), `0f1010${text('application/grpc')}`);
  });

  it('writes anything else as it is', () => {
    assert.equal(hex(['grpc-status', '0']), `000b${text('grpc-status')}0130`);
    assert.equal(hex(['x', '\xff']), '00017801ff');
    assert.equal(hex(), '');
  });

  it('writes long strings with long lengths', () => {
    assert.equal(hex(['x', 'y'.repeat(126)]), `0001787e${text('y'.repeat(126))}`);
    assert.equal(hex(['x', 'y'.repeat(127)]), `0001787f00${text('y'.repeat(127))}`);
    assert.equal(hex(['x', 'y'.repeat(1337 + 127)]), `0001787fb90a${text('y'.repeat(1464))}`);
  });

  it('writes what a decoder reads, and leaves its table as it was', () => {
    const octets = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 400 });
    const field = fc.tuple(fc.oneof(octets, fc.constantFrom(...STATIC_TABLE.map(({ name }) => name))), octets);
    fc.assert(
      fc.property(fc.array(field, { maxLength: 20 }), (fields) => {
        const decoder = new HpackDecoder({ tableBytes: 4096, maxListBytes: 1 << 20 });
        const block = encodeHeaders(fields);
        assert.deepEqual(
          decoder.decode(block, 0, block.length).fields,
          fields.map(([name, value]) => ({ name, value })),
        );
        assert.throws(() => decoder.decode(Buffer.of(0x80 | 62), 0, 1), /index 62 is beyond the tables/);
      }),
      { numRuns: 200 },
    );
  });

  it('TABLE_SIZE_ZERO empties the table of a decoder', () => {
    const decoder = new HpackDecoder({ tableBytes: 4096, maxListBytes: 4096 });
    const entry = Buffer.from('4001780179', 'hex');
    decoder.decode(entry, 0, entry.length);
    assert.deepEqual(decoder.decode(Buffer.of(0x80 | 62), 0, 1).fields, [{ name: 'x', value: 'y' }]);
    decoder.decode(TABLE_SIZE_ZERO, 0, TABLE_SIZE_ZERO.length);
    assert.throws(() => decoder.decode(Buffer.of(0x80 | 62), 0, 1), { name: 'HpackError' });
  });
});
