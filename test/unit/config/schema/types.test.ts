import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonValue } from '#config/eval/print.ts';
import { secretOf, type Value } from '#config/eval/value.ts';
import { Fault } from '#config/schema/fault.ts';
import {
  bool,
  capsuleLater,
  consumers,
  duration,
  int,
  int64,
  list,
  map,
  number,
  oneOf,
  secret,
  size,
  string,
  uint32,
  type Type,
} from '#config/schema/types.ts';

function decodes<T>(type: Type<T>, rows: readonly (readonly [Value, T])[]): void {
  for (const [value, expected] of rows) assert.deepEqual(type.decode(value), expected);
}
function refuses<T>(type: Type<T>, rows: readonly (readonly [Value, string])[]): void {
  for (const [value, message] of rows) {
    const fault = type.decode(value);
    assert.ok(fault instanceof Fault, String(value));
    assert.equal(fault.problems.map((p) => p.path.map((step) => `${step}: `).join('') + p.message).join('; '), message);
  }
}
const consumer = { capsule: 'otelcol.Consumer', nodeId: 'otelcol.exporter.debug.default', accepts: [0, 1, 2] } as const;

test('string, bool', () => {
  decodes(string, [
    ['x', 'x'],
    [5n, '5'],
    [1.5, '1.5'],
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
    [null, ''],
  ]);
  refuses(string, [
    [true, 'should be string, got bool'],
    [secretOf('x'), 'secrets may not be converted into strings'],
    [consumer, 'should be string, got capsule'],
  ]);
  decodes(bool, [
    [true, true],
    [null, false],
  ]);
  refuses(bool, [['true', 'should be bool, got string']]);
});

test('numbers', () => {
  decodes(number, [
    [5n, 5],
    [1.5, 1.5],
    ['2.5e3', 2500],
    ['-7', -7],
    [null, 0],
  ]);
  refuses(number, [
    ['', 'should be number, got string'],
    ['0x10', 'should be number, got string'],
    ['-1.5x', 'should be number, got string'],
    [[], 'should be number, got array'],
  ]);
  decodes(uint32, [
    [0n, 0],
    [4294967295n, 4294967295],
    ['8192', 8192],
    [8192, 8192],
  ]);
  refuses(uint32, [
    [-1n, 'should be a whole number from 0 to 4294967295, got -1'],
    [4294967296n, 'should be a whole number from 0 to 4294967295, got 4294967296'],
    [1.5, 'should be a whole number, got 1.5'],
    [Infinity, 'should be a whole number, got +Inf'],
  ]);
  decodes(int64, [
    [-5n, -5],
    [2n ** 63n - 1n, 2 ** 63],
  ]);
  refuses(int, [
    [2n ** 63n, 'should be a whole number from -9223372036854775808 to 9223372036854775807, got 9223372036854775808'],
  ]);
});

test('durations: Go text in, milliseconds out', () => {
  decodes(duration, [
    ['5s', 5000],
    ['200ms', 200],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['-2s', -2000],
    ['+2s', 2000],
    ['0', 0],
    [0n, 0],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['3ns', 0.000003],
    ['.5s', 500],
    ['1.s', 1000],
    ['1.1s', 1100],
    ['0.1s', 100],
    ['1h1m1s1ms1us1ns', 3_661_001.001001],
    [null, 0],
  ]);
  refuses(duration, [
    ['5', 'is not a valid duration: the unit is missing'],
    [5n, 'is not a valid duration: the unit is missing'],
    ['10x', 'is not a valid duration: unknown unit "x"'],
    ['', 'is not a valid duration: it is not a number with a unit'],
    ['s', 'is not a valid duration: it is not a number with a unit'],
    ['.s', 'is not a valid duration: it is not a number with a unit'],
    ['1s 2s', 'is not a valid duration: unknown unit "s "'],
    ['1toString', 'is not a valid duration: unknown unit "toString"'],
    ['300y', 'is not a valid duration: unknown unit "y"'],
    ['9999999h', 'is not a valid duration: it is out of range'],
    [true, 'should be string, got bool'],
    ['1'.repeat(100_000), 'is not a valid duration: it is not a number with a unit'],
  ]);
  const texts = ['5s', '200ms', '1m30s', '1h30m0s', '1.5s', '0s', '-2s', '1µs', '3ns', '1.5µs', '24h0m0s'];
  assert.deepEqual(
    texts.map((text) => duration.print(duration.decode(text) as number)),
    texts.map((text) => `"${text}"`),
  );
});

test('sizes: text with units of 1024 or a plain number in, bytes out', () => {
  decodes(size, [
    ['512KiB', 524_288],
    ['20MiB', 20_971_520],
    ['1.5KiB', 1536],
    ['1MiB512KiB', 1_572_864],
    ['4MB', 4_194_304],
    ['10B', 10],
    ['0', 0],
    [0n, 0],
    [1024n, 1024],
    ['1GiB', 1_073_741_824],
    [null, 0],
  ]);
  refuses(size, [
    ['5', 'is not a valid size: the unit is missing'],
    ['5kb', 'is not a valid size: unknown unit "kb"'],
    ['5iB', 'is not a valid size: unknown unit "iB"'],
    ['', 'is not a valid size: it is not a number with a unit'],
    ['x', 'is not a valid size: it is not a number with a unit'],
    ['100EiB', 'is not a valid size: it is out of range'],
    [1.5, 'should be a whole number, got 1.5'],
    [[], 'should be string, got array'],
  ]);
  const texts = ['512KiB', '20MiB', '1MiB512KiB', '10B', '0B', '1GiB'];
  assert.deepEqual(
    texts.map((text) => size.print(size.decode(text) as number)),
    texts.map((text) => `"${text}"`),
  );
});

test('lists and maps report every element', () => {
  decodes(list(uint32), [
    [
      [1n, '2'],
      [1, 2],
    ],
    [null, []],
    [[], []],
  ]);
  refuses(list(uint32), [
    ['x', 'should be array, got string'],
    [[1n, true, -1n], '1: should be number, got bool; 2: should be a whole number from 0 to 4294967295, got -1'],
  ]);
  decodes(map(string), [
    [
      new Map<string, Value>([
        ['a', 'b'],
        ['c', 1n],
      ]),
      { a: 'b', c: '1' },
    ],
    [null, {}],
  ]);
  refuses(map(list(bool)), [
    [[], 'should be object, got array'],
    [
      new Map<string, Value>([
        ['a', [true, 1n]],
        ['b', 2n],
      ]),
      'a: 1: should be bool, got number; b: should be array, got number',
    ],
  ]);
  const odd = map(string).decode(new Map([['__proto__', 'x']]));
  assert.deepEqual(Object.entries(odd), [['__proto__', 'x']]);
  assert.equal(list(string).name, 'list(string)');
  assert.equal(map(list(secret)).name, 'map(list(secret))');
});

test('secrets are taken from strings and never shown', () => {
  decodes(secret, [
    ['x', secretOf('x')],
    [secretOf('x'), secretOf('x')],
    [null, secretOf('')],
  ]);
  refuses(secret, [[true, 'should be secret, got bool']]);
  assert.equal(secret.print(secretOf('x')), '(secret)');
  assert.equal(map(secret).print({ authorization: secretOf('x') }), '{ authorization = (secret) }');
  assert.deepEqual(structuredClone(secretOf('x')), secretOf('x'));
});

test('one of a few words', () => {
  const mode = oneOf('gzip', 'none', '');
  decodes(mode, [
    ['gzip', 'gzip'],
    [null, ''],
  ]);
  refuses(mode, [
    ['zip', 'should be one of "gzip", "none", ""'],
    [true, 'should be string, got bool'],
  ]);
});

test('consumers', () => {
  decodes(consumers, [
    [[consumer], [consumer]],
    [[null, consumer, null], [consumer]],
    [null, []],
  ]);
  refuses(consumers, [
    [consumer, 'should be array, got capsule'],
    [[consumer, 'x'], '1: should be capsule("otelcol.Consumer"), got string'],
    [
      [null, { capsule: 'otelcol.Handler' }],
      '1: should be capsule("otelcol.Consumer"), got capsule("otelcol.Handler")',
    ],
  ]);
  assert.equal(consumers.print([consumer]), '[capsule("otelcol.Consumer")]');
  assert.deepEqual(jsonValue(consumers.encode([consumer])), {
    type: 'array',
    value: [{ type: 'capsule', value: 'capsule("otelcol.Consumer")' }],
  });
});

test('a capsule that nothing produces yet', () => {
  const handler = capsuleLater('otelcol.Handler', 'otelcol.auth.* components are not available yet');
  assert.equal(handler.decode(null), null);
  refuses(handler, [['x', 'otelcol.auth.* components are not available yet']]);
  assert.equal(handler.name, 'capsule(otelcol.Handler)');
});
