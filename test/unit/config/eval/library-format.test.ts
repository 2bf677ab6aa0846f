/** `string.format` beside what Go 1.26 `fmt.Sprintf` printed for the same values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from '#config/eval/library/format.ts';
import { FunctionError, type Value } from '#config/eval/value.ts';

const object = new Map<string, Value>([
  ['b', 1n],
  ['a', 'x'],
]);

const ROWS: readonly (readonly [spec: string, values: readonly Value[], expected: string])[] = [
  // Misfits show.
  ['%d', ['x'], '%!d(string=x)'],
  ['%s', [5n], '%!s(int=5)'],
  ['%d', [1.5], '%!d(float64=1.5)'],
  ['%f', [5n], '%!f(int=5)'],
  ['%d %d', [1n], '1 %!d(MISSING)'],
  ['x', [1n, 'a'], 'x%!(EXTRA int=1, string=a)'],
  ['%d', [null], '%!d(<nil>)'],
  ['%z', ['s'], '%!z(string=s)'],
  ['%é', [1n], '%!é(int=1)'],
  ['%', [], '%!(NOVERB)'],
  ['%[3]d', [1n, 2n], '%!d(BADINDEX)'],
  ['%[x]d', [1n], '%!d(BADINDEX)'],
  ['%[1', [1n], '%!(NOVERB)'],
  ['%*d', ['a', 1n], '%!(BADWIDTH)1'],
  ['%.-1d', [1n], '%!-(int=1)1d'],
  ['%.1000000000d', [1n], '%!(NOVERB)%!(EXTRA int=1)'],
  // Positions, widths.
  ['%[2]d %[1]d', [1n, 2n], '2 1'],
  ['%[2]d %d', [1n, 2n, 3n], '2 3'],
  ['%[2]*[1]d', [1n, 5n], '    1'],
  ['%.[2]*[1]f', [1.23456, 2n], '1.23'],
  ['%*d|', [-5n, 3n], '3    |'],
  ['%5%', [], '%'],
  // Whole numbers.
  ['%b %o %O %#o %x %X %c', [5n, 8n, 8n, 8n, 255n, 255n, 65n], '101 10 0o10 010 ff FF A'],
  ['%U %#U', [0x1f600n, 0x1f600n], "U+1F600 U+1F600 '😀'"],
  ['%+d|% d|%05d|%-5d|%+05d', [5n, 5n, -5n, 5n, 3n], '+5| 5|-0005|5    |+0003'],
  ['%.3d|%.0d|%8.3d', [5n, 0n, 5n], '005||     005'],
  ['%#.3x %x', [255n, 2n ** 63n], '0x0ff 8000000000000000'],
  ['%q %c', [65n, 1n << 30n], "'A' \ufffd"],
  // Fractions: exact, ties to even.
  ['%e %E %g %G', [123456.789, 1e-7, 1e21, 1e-5], '1.234568e+05 1.000000E-07 1e+21 1E-05'],
  ['%v %v %v %v', [100000, 1e6, 1e20, 123456789], '100000 1e+06 1e+20 1.23456789e+08'],
  ['%6.2f|%-8.1f|%+.1e', [1.005, 2.25, 12345.678], '  1.00|2.2     |+1.2e+04'],
  ['%.f %.1f', [2.5, 0.25], '2 0.2'],
  ['%08.3f|%010g', [-3.14159, -1.5], '-003.142|-0000001.5'],
  ['%+.3g|%#g|%#.3g', [1234.5678, 1, 1], '+1.23e+03|1.00000|1.00'],
  // Texts.
  ['%5s|%-5s|%.2s|%05s', ['é', 'ab', 'éèê', 'ab'], '    é|ab   |éè|000ab'],
  [
    '%x|% x|%#x|%# x|%.3x',
    ['hello', 'hello', 'hello', 'hello', 'hello'],
    '68656c6c6f|68 65 6c 6c 6f|0x68656c6c6f|0x68 0x65 0x6c 0x6c 0x6f|68656c',
  ],
  ['%q', ['a\n"é😀\u007f\u200b'], '"a\\n\\"é😀\\x7f\\u200b"'],
  ['%+q %#q %#q', ['é😀', 'a`b', 'ab'], '"\\u00e9\\U0001f600" "a`b" `ab`'],
  ['%t %6t|', [true, true], 'true   true|'],
  // Lists and objects.
  ['%v', [[1n, 'a', null, true, [1.5]]], '[1 a <nil> true [1.5]]'],
  ['%v %s', [object, object], 'map[a:x b:1] map[a:x b:%!s(int=1)]'],
  [
    '%d %q',
    [
      [1n, 'a'],
      [65n, 'a'],
    ],
    `[1 %!d(string=a)] ['A' "a"]`,
  ],
  ['%#v %#v', [[1n, 'a'], object], '[]interface {}{1, "a"} map[string]interface {}{"a":"x", "b":1}'],
  ['%T %T %T', [1n, 1.5, null], 'int float64 <nil>'],
];

test('texts are those of Go', () => {
  for (const [spec, values, expected] of ROWS)
    assert.equal(format(spec, values), expected, `${spec} ${String(values)}`);
});

test('however long the widths, the text is bounded', () => {
  const long = Array.from({ length: 100 }, () => 1n);
  for (const [spec, values] of [
    ['%1000000d'.repeat(20), long.slice(0, 20)],
    ['%1000000v', [long]],
    ['%.1000000f'.repeat(20), long.slice(0, 20).map(Number)],
    ['%[1]v'.repeat(30), ['x'.repeat(1_000_000)]],
    ['', Array.from({ length: 20 }, () => 'x'.repeat(1_000_000))],
  ] as const)
    assert.throws(() => format(spec, values), FunctionError);
});
