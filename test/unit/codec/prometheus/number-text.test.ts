import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainDecimal, sampleText } from '#codec/prometheus/number-text.ts';

test('bounds are plain decimals', () => {
  const cases: readonly (readonly [number, string])[] = [
    [5, '5'],
    [0.005, '0.005'],
    [2.5, '2.5'],
    [0, '0'],
    [-0, '-0'],
    [1e21, '1000000000000000000000'],
    [1.5e22, '15000000000000000000000'],
    [-1.25e-7, '-0.000000125'],
    [5e-324, `0.${'0'.repeat(323)}5`],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ];
  for (const [value, text] of cases) assert.equal(plainDecimal(value), text);
});

test('samples are written as Go does', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [0.25, '0.25'],
    [123456, '123456'],
    [1234567, '1.234567e+06'],
    [1e6, '1e+06'],
    [-1e100, '-1e+100'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [Infinity, '+Inf'],
    [NaN, 'NaN'],
  ];
  for (const [value, text] of cases) assert.equal(sampleText(value), text);
});

test('both read back as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(Number(plainDecimal(value)), value);
      assert.equal(Number(sampleText(value)), value);
      assert.doesNotMatch(plainDecimal(value), /e/);
    }),
  );
});
