import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUsage } from '#bench/load/process/usage.ts';

test(
  'usage of this very process grows with what it does',
  { skip: process.platform === 'linux' ? false : 'there is no /proc here' },
  () => {
    const before = readUsage(process.pid);
    const until = process.cpuUsage().user + 100_000;
    while (process.cpuUsage().user < until);
    const after = readUsage(process.pid);
    assert.ok(before !== null && after !== null);
    assert.ok(after.cpuSeconds - before.cpuSeconds >= 0.08, `${after.cpuSeconds - before.cpuSeconds} s`);
    assert.ok(after.rssBytes > 10 * 2 ** 20 && after.rssPeakBytes >= after.rssBytes * 0.9);
  },
);

test('a process that does not exist has no usage', () => {
  assert.equal(readUsage(0x3fffffff), null);
});
