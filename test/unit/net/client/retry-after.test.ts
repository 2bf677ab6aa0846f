import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from '#net/client/retry-after.ts';

const NOW = Date.UTC(2026, 0, 1);

const TIMES = [
  ['0', 0],
  ['120', 120_000],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ['', 0],
  ['soon', 0],
  ['-5', 0],
  ['1.5', 0],
  ['2026-01-01', 0],
  ['99999999999', 0],
] as const;
for (const [value, ms] of TIMES)
  test(`Retry-After "${value}" is ${ms} ms`, () => assert.equal(retryAfterMs({ 'retry-after': value }, NOW), ms));

test('no header, or several, ask for nothing', () => {
  assert.equal(retryAfterMs({}, NOW), 0);
  assert.equal(retryAfterMs({ 'retry-after': ['1', '2'] }, NOW), 0);
});
