import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ItemIndex } from '#codec/otlp/item-index.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { shardOf } from '#codec/otlp/hash.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';
import { delimited as field, tag, varint } from '#test/fuzz/codec-wire.ts';

const index = new ItemIndex();
const count = (signal: Signal, bytes: Buffer): number => scan(signal, bytes, 0, bytes.length, index);
const fixed = (number: number, wire: 1 | 5): Buffer =>
  Buffer.concat([tag(number, wire), Buffer.alloc(wire === 1 ? 8 : 4)]);
const number = (n: number, value: number): Buffer => Buffer.concat([tag(n, 0), varint(value)]);
/** A request with one entry, one scope and the given items. */
const around = (...items: Buffer[]): Buffer => field(1, field(2, Buffer.concat(items.map((item) => field(2, item)))));
const TRACE_ID = Buffer.alloc(16, 7);

describe('scan counts', () => {
  it('spans, data points and log records', () => {
    assert.equal(count(TRACES, makeTraces({ spans: 77 })), 77);
    assert.equal(count(METRICS, makeMetrics({ items: 77 })), 77);
    assert.equal(count(LOGS, makeLogs({ items: 77 })), 77);
  });

  it('nothing in an empty request, empty entries and metrics without points', () => {
    assert.equal(count(TRACES, Buffer.alloc(0)), 0);
    assert.equal(count(TRACES, field(1, '')), 0);
    assert.equal(count(LOGS, field(1, field(2, ''))), 0);
    assert.equal(
      count(
        METRICS,
        encodeRequest(METRICS, {
          resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: {} }, { name: 'n' }] }] }],
        }),
      ),
      0,
    );
  });

  it('an empty span as a span', () => {
    assert.equal(count(TRACES, around(Buffer.alloc(0))), 1);
  });
});

describe('scan accepts', () => {
  const accepted: [string, Signal, Buffer][] = [
    ['unknown fields of every wire type at every level', TRACES, unknownEverywhere()],
    [
      'fields in any order, items before their scope',
      TRACES,
      field(
        1,
        Buffer.concat([
          field(3, 'u'),
          field(
            2,
            Buffer.concat([field(2, Buffer.concat([field(5, 'n'), field(1, TRACE_ID)])), field(1, field(1, 's'))]),
          ),
          field(1, ''),
        ]),
      ),
    ],
    ['empty ids', TRACES, around(Buffer.concat([field(1, ''), field(2, ''), field(4, '')]))],
    ['ids of zeros', TRACES, around(Buffer.concat([field(1, Buffer.alloc(16)), field(2, Buffer.alloc(8))]))],
    ['text that is not UTF-8', TRACES, around(field(5, Buffer.from([0xff, 0xfe])))],
    ['lengths with padding', TRACES, field(1, field(2, field(2, field(5, 'x', 2), 2), 2), 2)],
    ['ten-byte varints', LOGS, around(Buffer.concat([tag(2, 0), Buffer.from('ffffffffffffffffff01', 'hex')]))],
    [
      'unpacked bucket counts and bounds',
      METRICS,
      around(field(9, field(1, Buffer.concat([fixed(6, 1), fixed(7, 1)])))),
    ],
    [
      'packed ones',
      METRICS,
      around(field(9, field(1, Buffer.concat([field(6, Buffer.alloc(24)), field(7, Buffer.alloc(16))])))),
    ],
    [
      'unpacked exponential buckets',
      METRICS,
      around(field(10, field(1, field(8, Buffer.concat([number(2, 1), number(2, 300)]))))),
    ],
    ['field numbers above the known ones', TRACES, around(number(2 ** 28, 1))],
  ];
  for (const [what, signal, bytes] of accepted) {
    it(what, () => {
      assert.ok(count(signal, bytes) >= 0, scanError());
    });
  }

  function unknownEverywhere(): Buffer {
    const extra = Buffer.concat([
      number(100, 1),
      fixed(101, 1),
      field(102, 'x'),
      fixed(103, 5),
      tag(104, 3),
      number(1, 1),
      tag(104, 4),
    ]);
    const span = Buffer.concat([
      extra,
      field(9, Buffer.concat([field(1, 'k'), field(2, Buffer.concat([extra, field(1, 'v')])), extra])),
      field(15, extra),
    ]);
    return Buffer.concat([
      extra,
      field(
        1,
        Buffer.concat([extra, field(1, extra), field(2, Buffer.concat([extra, field(2, span), field(1, extra)]))]),
      ),
    ]);
  }
});

describe('scan refuses', () => {
  const attribute = (value: Buffer): Buffer => field(9, Buffer.concat([field(1, 'k'), field(2, value)]));
  const refused: [string, Signal, Buffer, RegExp][] = [
    ['a trace id of 15 bytes', TRACES, around(field(1, Buffer.alloc(15))), /trace id that is not 16 bytes at byte 8/],
    ['a trace id of 17 bytes', TRACES, around(field(1, Buffer.alloc(17))), /trace id/],
    ['a span id of 7 bytes', TRACES, around(field(2, Buffer.alloc(7))), /span id/],
    ['a parent span id of 16 bytes', TRACES, around(field(4, Buffer.alloc(16))), /span id/],
    ['a bad id in a link', TRACES, around(field(13, field(1, Buffer.alloc(8)))), /trace id/],
    ['a bad id in a log record', LOGS, around(field(9, Buffer.alloc(8))), /trace id/],
    ['a bad id in an exemplar', METRICS, around(field(5, field(1, field(5, field(4, Buffer.alloc(9)))))), /span id/],
    ['a name that is a number', TRACES, around(number(5, 1)), /wrong wire type 0 for field 5/],
    ['a start time that is a varint', TRACES, around(number(7, 1)), /wrong wire type 0 for field 7/],
    ['flags that are a varint', TRACES, around(number(16, 1)), /wrong wire type 0 for field 16/],
    ['a resource that is a number', TRACES, field(1, number(1, 1)), /wrong wire type 0 for field 1/],
    ['a schema URL that is fixed', TRACES, field(1, fixed(3, 5)), /wrong wire type 5 for field 3/],
    ['scopes that are numbers', TRACES, field(1, number(2, 1)), /wrong wire type 0 for field 2/],
    ['items that are numbers', TRACES, field(1, field(2, number(2, 1))), /wrong wire type 0 for field 2/],
    ['entries that are numbers', TRACES, number(1, 1), /wrong wire type 0 for field 1/],
    [
      'an int attribute value that is length-delimited',
      TRACES,
      around(attribute(field(3, 'x'))),
      /wrong wire type 2 for field 3/,
    ],
    ['a double attribute value of 4 bytes', TRACES, around(attribute(fixed(4, 5))), /wrong wire type 5 for field 4/],
    ['an attribute value cut short', TRACES, around(attribute(Buffer.from('0a05', 'hex'))), /beyond the end/],
    [
      'an int attribute value without an end',
      TRACES,
      around(attribute(Buffer.from('1880', 'hex'))),
      /truncated varint/,
    ],
    ['packed bounds of 12 bytes', METRICS, around(field(9, field(1, field(7, Buffer.alloc(12))))), /packed/],
    [
      'packed counts cut short',
      METRICS,
      around(field(10, field(1, field(8, field(2, Buffer.from('80', 'hex')))))),
      /truncated varint/,
    ],
    [
      'an overlong varint',
      LOGS,
      around(Buffer.concat([tag(2, 0), Buffer.from('8080808080808080808001', 'hex')])),
      /overlong varint/,
    ],
    ['field number 0', TRACES, around(Buffer.from('0001', 'hex')), /field number 0/],
    ['wire type 6', TRACES, around(tag(30, 6)), /wire type 6/],
    ['wire type 7 of a large field', TRACES, around(tag(300, 7)), /wire type 7/],
    [
      'a group where a known field should be',
      TRACES,
      around(Buffer.concat([tag(5, 3), tag(5, 4)])),
      /wrong wire type 3 for field 5/,
    ],
    ['the end of a group that never began', TRACES, around(tag(30, 4)), /end of a group/],
    ['a group without an end', TRACES, around(tag(30, 3)), /group without an end/],
    ['the end of another group', TRACES, around(Buffer.concat([tag(30, 3), tag(29, 4)])), /end of another group/],
    ['a length beyond its message', TRACES, Buffer.from('0a03120212', 'hex'), /beyond the end/],
    ['a length of 2^32', TRACES, Buffer.from('0a808080801000', 'hex'), /beyond the end/],
    ['a length of 2^64 - 1', TRACES, Buffer.from('0affffffffffffffffff01', 'hex'), /beyond the end/],
    [
      'a child that is longer than its parent',
      TRACES,
      field(1, Buffer.concat([tag(2, 2), varint(5)])),
      /beyond the end/,
    ],
  ];
  for (const [what, signal, bytes, reason] of refused) {
    it(what, () => {
      assert.equal(count(signal, bytes), -1);
      assert.match(scanError(), reason);
      assert.equal(scan(signal, bytes, 0, bytes.length, null), -1);
    });
  }

  it('nesting deeper than 100 messages, whichever messages they are', () => {
    // request, entry, scope, span, attribute, value: six; each array adds two
    const nested = (arrays: number): Buffer => {
      let value: Buffer = field(1, 'x');
      for (let i = 0; i < arrays; i++) value = field(5, field(1, value));
      return around(attribute(value));
    };
    assert.equal(count(TRACES, nested(47)), 1);
    assert.equal(count(TRACES, nested(48)), -1);
    assert.match(scanError(), /nested too deeply/);
    // each map adds three: 6 + 3 * 31 = 99
    const maps = (n: number): Buffer => {
      let value: Buffer = field(1, 'x');
      for (let i = 0; i < n; i++) value = field(6, field(1, Buffer.concat([field(1, 'k'), field(2, value)])));
      return around(attribute(value));
    };
    assert.equal(count(TRACES, maps(31)), 1);
    assert.equal(count(TRACES, maps(32)), -1);
    const groups = (n: number): Buffer =>
      around(
        Buffer.concat([...Array.from({ length: n }, () => tag(30, 3)), ...Array.from({ length: n }, () => tag(30, 4))]),
      );
    assert.equal(count(TRACES, groups(96)), 1);
    assert.equal(count(TRACES, groups(97)), -1);
  });

  it('what lies beyond 1 GiB, before it reads a byte', () => {
    assert.equal(scan(TRACES, Buffer.alloc(0), 0, 2 ** 30 + 1, null), -1);
    assert.match(scanError(), /beyond 1 GiB/);
  });

  it('is not left confused by a failure', () => {
    assert.equal(count(TRACES, around(field(1, Buffer.alloc(3)))), -1);
    assert.equal(count(TRACES, makeTraces({ spans: 3 })), 3);
    assert.equal(index.items.length, 3);
  });
});

describe('the index', () => {
  const hashes = (): number[] => Array.from({ length: index.items.length }, (_, i) => index.items.data[i * 4 + 2]);
  const name = field(5, 'name');

  it('finds the trace id wherever it is; the last of several counts, a link has none', () => {
    const other = Buffer.alloc(16, 9);
    const bytes = around(
      Buffer.concat([field(1, TRACE_ID), name]),
      Buffer.concat([name, field(1, TRACE_ID)]),
      Buffer.concat([field(1, other), name, field(1, TRACE_ID)]),
      Buffer.concat([field(1, TRACE_ID), field(13, field(1, other))]),
      field(1, other),
    );
    assert.equal(count(TRACES, bytes), 5);
    const [first, ...rest] = hashes();
    assert.deepEqual(rest.slice(0, 3), [first, first, first]);
    assert.notEqual(rest[3], first);
  });

  it('gives spans without a trace id one hash of their own', () => {
    count(TRACES, around(Buffer.alloc(0), name, field(1, ''), Buffer.concat([field(1, TRACE_ID), field(1, '')])));
    assert.deepEqual(hashes(), [0, 0, 0, 0]);
  });

  it('spreads trace ids that differ in one byte only, whichever it is', () => {
    for (let at = 0; at < 16; at++) {
      const spans = Array.from({ length: 256 }, (_, i) => {
        const id = Buffer.alloc(16);
        id[at] = i;
        return field(1, id);
      });
      count(TRACES, around(...spans));
      const perShard = [0, 0, 0, 0];
      for (const hash of hashes()) perShard[shardOf(hash, 4)]++;
      assert.ok(Math.min(...perShard) >= 32, `byte ${at}: ${perShard.join()}`);
    }
  });

  it('hashes metrics and logs by resource', () => {
    const entry = (service: string): object => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeLogs: [{ logRecords: [{}, {}] }],
    });
    count(LOGS, encodeRequest(LOGS, { resourceLogs: [entry('a'), entry('b'), entry('a')] }));
    const [a, b, again] = hashes();
    assert.equal(a, again);
    assert.notEqual(a, b);
    assert.deepEqual(
      [3, 7, 11].map((i) => index.items.data[i]),
      [2, 2, 2],
    );
  });

  it('keeps counting, and says so, when a request has more parts than it holds', () => {
    const spans = 1 << 18;
    const bytes = field(1, field(2, Buffer.concat(Array<Buffer>(spans + 1).fill(field(2, '')))));
    assert.equal(count(TRACES, bytes), spans + 1);
    assert.equal(index.full, true);
    assert.equal(count(TRACES, makeTraces({ spans: 2 })), 2);
    assert.equal(index.full, false);
  });
});
