import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HpackDecoder, type HeaderBlock } from '#net/http2/hpack/decoder.ts';
import { huffman, huffmanEncode, indexed, integer, literal, plain, sizeUpdate } from './wire.ts';

const NEWEST = 62;

class Connection {
  readonly decoder: HpackDecoder;
  constructor(options: { tableBytes?: number; maxListBytes?: number } = {}) {
    this.decoder = new HpackDecoder({ tableBytes: 4096, maxListBytes: 16384, ...options });
  }
  block(...parts: Buffer[]): HeaderBlock {
    const block = Buffer.concat(parts);
    return this.decoder.decode(block, 0, block.length);
  }
  lines(...parts: Buffer[]): string[] {
    return this.block(...parts).fields.map(({ name, value }) => `${name}: ${value}`);
  }
  /** All fields of the dynamic table, the newest first. */
  table(): string[] {
    const found: string[] = [];
    for (let index = NEWEST; ; index++) {
      try {
        found.push(...this.lines(indexed(index)));
      } catch {
        return found;
      }
    }
  }
}

function refused(message: RegExp, ...parts: Buffer[]): void {
  assert.throws(() => new Connection().block(...parts), { name: 'HpackError', message });
}

describe('HpackDecoder: decoding errors', () => {
  it('index 0 and indices beyond the tables', () => {
    refused(/index 0 is/, Buffer.of(0x80));
    refused(/index 62 is/, indexed(NEWEST));
    refused(/index 63 is/, literal('incremental', 'a', 'b'), indexed(NEWEST), indexed(NEWEST + 1));
    refused(/index 62 is/, literal('without', NEWEST, 'x'));
    refused(/index 1000 is/, indexed(1000));
    for (const kind of ['incremental', 'without', 'never'] as const) refused(/index 70 is/, literal(kind, 70, 'x'));
    // The index of the name is looked up before the entry evicts it, never after.
    const connection = new Connection();
    assert.deepEqual(
      connection.lines(sizeUpdate(64), literal('incremental', 'name', 'old'), literal('incremental', NEWEST, 'new')),
      ['name: old', 'name: new'],
    );
    assert.deepEqual(connection.table(), ['name: new']);
  });

  it('integers that are too large or too long', () => {
    assert.deepEqual(new Connection().lines(Buffer.of(0x0f, 0x80, 0x80, 0x80, 0x00), plain('x')), [
      'accept-charset: x',
    ]);
    refused(/too large/, Buffer.of(0x0f, 0x80, 0x80, 0x80, 0x80, 0x00), plain('x'));
    refused(/too large/, Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0x01));
    refused(/too large/, Buffer.of(0xff), Buffer.alloc(1000, 0xff));
    refused(/too large/, Buffer.of(0x3f), Buffer.alloc(1000, 0x80));
    refused(/index 268435582 is/, Buffer.of(0xff, 0xff, 0xff, 0xff, 0x7f));
    refused(/a string of 268435582 bytes/, Buffer.of(0x00, 0x7f, 0xff, 0xff, 0xff, 0x7f));
  });

  it('a block cut anywhere within a field', () => {
    const fields = [
      indexed(2),
      literal('incremental', 'name', 'value'),
      literal('never', 'name', 'value', huffman),
      literal('without', 58, 'y'.repeat(300)),
      literal('incremental', 38, 'z'.repeat(200), huffman),
    ];
    const block = Buffer.concat(fields);
    const ends = new Set<number>([0]);
    let sum = 0;
    for (const field of fields) ends.add((sum += field.length));
    for (let end = 0; end <= block.length; end++) {
      // What stands behind the end must not be read.
      const decode = (): HeaderBlock => new Connection().decoder.decode(block, 0, end);
      if (ends.has(end)) decode();
      else assert.throws(decode, { name: 'HpackError', message: /ends within|of \d+ bytes, where .* left/ }, `${end}`);
    }
    refused(/within an integer/, Buffer.of(0xff));
    refused(/within an integer/, Buffer.of(0x3f, 0x80));
  });

  it('strings longer than the block', () => {
    refused(/a string of 5 bytes, where the header block has 4 left/, Buffer.from('000578787878', 'hex'));
    refused(/a string of 2 bytes, where the header block has 1 left/, Buffer.from('0001780279', 'hex'));
  });

  it('Huffman faults in names and values, kept or not', () => {
    const bad = (coded: Buffer): Buffer => Buffer.concat([integer(0x80, 0x7f, coded.length), coded]);
    const eos = bad(Buffer.of(0xff, 0xff, 0xff, 0xff));
    const padding = bad(Buffer.concat([huffmanEncode(Buffer.from('abc')), Buffer.of(0xff)]));
    const long = bad(Buffer.concat([huffmanEncode(Buffer.alloc(40_000, 'a')), Buffer.of(0xff)]));
    refused(/EOS/, Buffer.of(0x00), eos, plain('x'));
    refused(/EOS/, Buffer.of(0x40), plain('x'), eos);
    refused(/padding/, Buffer.of(0x10), padding, plain('x'));
    refused(/padding/, Buffer.of(0x00), plain('x'), padding);
    refused(/padding/, Buffer.of(0x00), plain('x'), long);
  });

  it('size updates', () => {
    refused(/to 4097 bytes, where 4096 are allowed/, sizeUpdate(4097));
    refused(/not at the start/, indexed(2), sizeUpdate(0));
    refused(/not at the start/, sizeUpdate(0), literal('without', 'a', 'b'), sizeUpdate(0));
    refused(/more than two/, sizeUpdate(0), sizeUpdate(0), sizeUpdate(0));
    assert.throws(() => new Connection({ tableBytes: 0 }).block(sizeUpdate(1)), /to 1 bytes, where 0 are allowed/);
  });
});

describe('HpackDecoder: the dynamic table', () => {
  it('evicts the oldest entries, and only as many as need be', () => {
    const connection = new Connection({ maxListBytes: 1 << 20 });
    // 40 bytes each: 102 fit into 4096.
    const entry = (n: number): Buffer => literal('incremental', 'name', String(n).padStart(4, '0'));
    for (let n = 0; n < 300; n++) {
      assert.deepEqual(connection.lines(entry(n)), [`name: ${String(n).padStart(4, '0')}`]);
      const table = connection.table();
      assert.equal(table.length, Math.min(n + 1, 102));
      assert.equal(table[0], `name: ${String(n).padStart(4, '0')}`);
      assert.equal(table.at(-1), `name: ${String(Math.max(0, n - 101)).padStart(4, '0')}`);
    }
    connection.block(literal('incremental', 'big', 'x'.repeat(4096 - 35 - 40)));
    assert.equal(connection.table().length, 2);
    assert.equal(connection.table()[1], 'name: 0299');
  });

  it('is emptied by an entry that is larger than itself, which is no error', () => {
    for (const string of [plain, huffman]) {
      const connection = new Connection();
      connection.block(literal('incremental', 'a', 'b'));
      assert.deepEqual(connection.lines(literal('incremental', 'c', 'x'.repeat(4096 - 32), string)), [
        `c: ${'x'.repeat(4064)}`,
      ]);
      assert.deepEqual(connection.table(), []);
      connection.block(literal('incremental', 'd', 'x'.repeat(4096 - 33), string));
      assert.deepEqual(connection.table(), [`d: ${'x'.repeat(4063)}`]);
    }
  });

  it('holds what it is asked to and nothing else', () => {
    const connection = new Connection();
    connection.block(indexed(2), literal('without', 'a', '1'), literal('never', 'b', '2'));
    connection.block(literal('incremental', 'c', '3'), literal('incremental', '', ''));
    assert.deepEqual(connection.table(), [': ', 'c: 3']);
  });

  it('follows size updates: to 0, two in a row, up again', () => {
    const connection = new Connection();
    const [a, b] = [literal('incremental', 'a', '1'), literal('incremental', 'b', '2')];
    connection.block(a, b);
    assert.deepEqual(connection.lines(sizeUpdate(4096), indexed(NEWEST)), ['b: 2']);
    assert.deepEqual(connection.lines(sizeUpdate(67), indexed(NEWEST)), ['b: 2']);
    assert.deepEqual(connection.table(), ['b: 2']);
    assert.deepEqual(connection.lines(sizeUpdate(0), sizeUpdate(4096)), []);
    assert.deepEqual(connection.table(), []);
    assert.deepEqual(connection.lines(sizeUpdate(0), a, b), ['a: 1', 'b: 2']);
    assert.deepEqual(connection.table(), []);
    connection.block(sizeUpdate(34), a, b);
    assert.deepEqual(connection.table(), ['b: 2']);
    connection.block(sizeUpdate(33));
    assert.deepEqual(connection.table(), []);
  });

  it('holds 4096 bytes until the peer says more, however much is allowed', () => {
    const connection = new Connection({ tableBytes: 65536, maxListBytes: 1 << 20 });
    const entry = literal('incremental', 'name', 'x'.repeat(1000));
    connection.block(entry, entry, entry, entry, entry);
    assert.equal(connection.table().length, 3);
    connection.block(sizeUpdate(65536), ...Array.from({ length: 70 }, () => entry));
    assert.equal(connection.table().length, 63);
  });
});

describe('HpackDecoder: the bound of the list', () => {
  it('counts name, value and 32 for each field', () => {
    const list = [literal('without', 'name', 'value'), indexed(2)]; // 41 + 42
    assert.deepEqual(new Connection({ maxListBytes: 83 }).block(...list).tooLarge, false);
    const { fields, tooLarge } = new Connection({ maxListBytes: 82 }).block(...list, literal('without', '', ''));
    assert.equal(tooLarge, true);
    assert.deepEqual(fields, [{ name: 'name', value: 'value' }], 'nothing is collected after what did not fit');
  });

  it('keeps the table in step when the list is too large', () => {
    const parts = [
      literal('incremental', 'a', '1'),
      literal('incremental', 'long', 'x'.repeat(300)),
      literal('incremental', 'long', 'y'.repeat(300), huffman),
      literal('without', 'gone', 'z'.repeat(300)),
      indexed(NEWEST + 2),
      literal('incremental', NEWEST + 2, 'second'),
    ];
    const small = new Connection({ maxListBytes: 100 });
    const large = new Connection();
    assert.equal(small.block(...parts).tooLarge, true);
    assert.equal(large.block(...parts).tooLarge, false);
    assert.deepEqual(small.lines(indexed(NEWEST)), ['a: second']);
    assert.deepEqual(small.lines(indexed(NEWEST + 3)), ['a: 1']);
    // The two entries of 336 bytes are in the table, though no list of 100 bytes can show them.
    assert.equal(small.block(indexed(NEWEST + 1)).tooLarge, true);
    assert.equal(large.table().length, 4);
    assert.throws(() => small.block(indexed(NEWEST + 4)), /beyond the tables/);
  });

  it('an entry that fits neither list nor table empties the table', () => {
    for (const string of [plain, huffman]) {
      const connection = new Connection({ maxListBytes: 200 });
      connection.block(literal('incremental', 'a', '1'));
      assert.equal(connection.block(literal('incremental', 'b', 'x'.repeat(5000), string)).tooLarge, true);
      assert.deepEqual(connection.table(), []);
    }
  });

  it('measures Huffman-coded strings by what they stand for', () => {
    // 100 octets of 7 bits: 88 coded bytes, which could stand for 140.
    const value = 'X'.repeat(100).replaceAll('X', 'A');
    const field = literal('without', 'n', value, huffman);
    assert.deepEqual(new Connection({ maxListBytes: 133 }).lines(field), [`n: ${value}`]);
    assert.equal(new Connection({ maxListBytes: 132 }).block(field).tooLarge, true);
  });

  it('a block of one-byte references to a long entry stays small', () => {
    const connection = new Connection({ maxListBytes: 8192 });
    connection.block(literal('incremental', 'n', 'x'.repeat(4000)));
    const { fields, tooLarge } = connection.block(Buffer.alloc(100_000, 0x80 | NEWEST));
    assert.deepEqual([fields.length, tooLarge], [2, true]);
  });
});

describe('HpackDecoder: repeated blocks', () => {
  const repeat = (connection: Connection, ...parts: Buffer[]): [HeaderBlock, HeaderBlock] => [
    connection.block(...parts),
    connection.block(...parts),
  ];

  it('gives the same list for the same bytes, wherever they lie', () => {
    const connection = new Connection();
    connection.block(literal('incremental', 'a', '1'));
    const block = Buffer.concat([indexed(2), indexed(NEWEST), literal('without', ':path', '/x')]);
    const [first, second] = repeat(connection, block);
    assert.equal(second, first);
    const framed = Buffer.concat([Buffer.of(0x82), block, Buffer.of(0x82)]);
    assert.equal(connection.decoder.decode(framed, 1, 1 + block.length), first);
    assert.notEqual(connection.decoder.decode(framed, 0, 1 + block.length), first);
    assert.deepEqual(connection.decoder.decode(framed, 1, 1 + block.length), first);
  });

  it('shares the fields of the tables', () => {
    const connection = new Connection();
    const [entry] = connection.block(literal('incremental', 'a', '1')).fields;
    assert.equal(connection.block(indexed(NEWEST)).fields[0], entry);
    assert.equal(connection.block(indexed(2)).fields[0], new Connection().block(indexed(2)).fields[0]);
  });

  it('keeps its own copy of the bytes', () => {
    const connection = new Connection();
    const block = Buffer.concat([indexed(2), indexed(3)]);
    const first = connection.decoder.decode(block, 0, 2);
    block[1] = 0x84;
    assert.deepEqual(connection.decoder.decode(block, 0, 2).fields[1], { name: ':path', value: '/' });
    assert.equal(first.fields[1].value, 'POST');
  });

  it('does not know a block again after the table has changed', () => {
    for (const change of [
      literal('incremental', 'b', '2'),
      sizeUpdate(4096),
      literal('incremental', 'b', 'x'.repeat(5000)),
    ]) {
      const connection = new Connection();
      connection.block(literal('incremental', 'old', '0'), literal('incremental', 'a', '1'));
      const before = connection.block(indexed(2));
      connection.block(change);
      assert.notEqual(connection.block(indexed(2)), before);
      assert.deepEqual(connection.block(indexed(2)), before);
    }
    const connection = new Connection();
    connection.block(literal('incremental', 'a', '1'));
    assert.deepEqual(connection.lines(indexed(NEWEST)), ['a: 1']);
    connection.block(literal('incremental', 'b', '2'));
    assert.deepEqual(connection.lines(indexed(NEWEST)), ['b: 2']);
    assert.deepEqual(connection.lines(indexed(NEWEST), sizeUpdate(0).subarray(1)), ['b: 2']);
    connection.block(sizeUpdate(0));
    assert.throws(() => connection.block(indexed(NEWEST)), { name: 'HpackError' });
  });

  it('does not know a block again that changes the table itself', () => {
    for (const block of [
      literal('incremental', 'a', '1'),
      sizeUpdate(100),
      literal('incremental', 'a', 'x'.repeat(5000)),
    ]) {
      const [first, second] = repeat(new Connection(), block);
      assert.notEqual(second, first);
    }
    const connection = new Connection();
    repeat(connection, literal('incremental', 'a', '1'));
    assert.deepEqual(connection.table(), ['a: 1', 'a: 1']);
  });

  it('does not keep long blocks', () => {
    const connection = new Connection();
    const [a, b] = repeat(connection, literal('without', 'a', 'x'.repeat(251)));
    assert.equal(a, b);
    const [c, d] = repeat(connection, literal('without', 'a', 'x'.repeat(252)));
    assert.notEqual(c, d);
    assert.deepEqual(c, d);
  });

  it('gives the same field for a path that is sent as the same literal, whatever else changes', () => {
    for (const string of [plain, huffman]) {
      const connection = new Connection();
      const path = (value: string): Buffer => literal('without', 4, value, string);
      const paths = [
        connection.block(path('/a'), literal('incremental', 'grpc-timeout', '1S')),
        connection.block(path('/a'), literal('incremental', NEWEST, '2S')),
        connection.block(literal('incremental', 4, '/a'), path('/a'), indexed(NEWEST)),
      ].map(({ fields }) => fields.find(({ name }) => name === ':path'));
      assert.deepEqual(paths[0], { name: ':path', value: '/a' });
      assert.equal(paths[1], paths[0]);
      assert.notEqual(paths[2], paths[0], 'one that enters the table is its own');
      assert.deepEqual(connection.lines(path('/b'), path('/a'), path('/a'), path('/ab'), path('')), [
        ':path: /b',
        ':path: /a',
        ':path: /a',
        ':path: /ab',
        ':path: ',
      ]);
      assert.deepEqual(connection.lines(literal('without', 1, 'x', string), path('x')), [':authority: x', ':path: x']);
    }
  });

  it('counts a repeated path in every list', () => {
    const connection = new Connection({ maxListBytes: 100 });
    const path = literal('without', 4, '/a'); // 39
    assert.equal(connection.block(path, path).tooLarge, false);
    assert.equal(connection.block(path, path, path).tooLarge, true);
  });

  it('an empty block is an empty list', () => {
    const connection = new Connection();
    assert.deepEqual(connection.block(), { fields: [], tooLarge: false });
    assert.deepEqual(connection.block(), { fields: [], tooLarge: false });
  });
});
