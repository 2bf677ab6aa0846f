import assert from 'node:assert/strict';
import { it } from 'node:test';
import { idText, severityName, sixDecimals, timestamp } from '#components/otelcol/exporter/debug/text/go-format.ts';

it('prints floats as %f', () => {
  const table: readonly (readonly [number, string])[] = [
    [15, '15.000000'],
    [1.4142135, '1.414214'],
    [-0.5, '-0.500000'],
    [1e21, '1000000000000000000000.000000'],
    [NaN, 'NaN'],
    [-Infinity, '-Inf'],
  ];
  for (const [value, text] of table) assert.equal(sixDecimals(value), text);
});

it('prints timestamps with as many decimals as needed', () => {
  assert.equal(timestamp(0n), '1970-01-01 00:00:00 +0000 UTC');
  assert.equal(timestamp(1581452772000000321n), '2020-02-11 20:26:12.000000321 +0000 UTC');
  assert.equal(timestamp(1581452772500000000n), '2020-02-11 20:26:12.5 +0000 UTC');
  assert.equal(timestamp(2n ** 64n - 1n), '1969-12-31 23:59:59.999999999 +0000 UTC', 'as a signed 64-bit number');
});

it('prints an id of zeros as nothing', () => {
  assert.equal(idText('00000000'), '');
  assert.equal(idText('00000010'), '00000010');
});

it('names severities', () => {
  assert.deepEqual([0, 1, 2, 5, 9, 12, 17, 24, 25].map(severityName), [
    'Unspecified',
    'Trace',
    'Trace2',
    'Debug',
    'Info',
    'Info4',
    'Error',
    'Fatal4',
    '',
  ]);
});
