import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floatText, plainText } from '#text/go-number.ts';

test('%v of a float64', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [1.5, '1.5'],
    [123456, '123456'],
    [999_999.5, '999999.5'],
    [1_000_000, '1e+06'],
    [123456789, '1.23456789e+08'],
    [-2e20, '-2e+20'],
    [1234567.5, '1.2345675e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e100, '1e+100'],
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ];
  for (const [value, text] of cases) assert.equal(floatText(value), text);
});

test('without an exponent', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [1e21, '1000000000000000000000'],
    [-1.25e22, '-12500000000000000000000'],
    [1.5e-7, '0.00000015'],
    [123.25, '123.25'],
    [5e-324, `0.${'0'.repeat(323)}5`],
  ];
  for (const [value, text] of cases) assert.equal(plainText(value), text);
});
