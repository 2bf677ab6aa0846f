import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { thisHost } from '#components/otelcol/processor/resourcedetection/host.ts';
import { pause, surroundings } from '#components/otelcol/processor/resourcedetection/surroundings.ts';
import { systemClock } from '#shared/clock.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { temporaryFolder } from '#test/support/provider-context.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const never = new AbortController().signal;

describe('real surroundings', () => {
  test('a file, none, and one that cannot be read', async (t) => {
    const folder = await temporaryFolder(t);
    const { file } = surroundings(never, systemClock, new RecordingLog());
    await writeFile(join(folder, 'a'), 'text');
    assert.equal(await file(join(folder, 'a')), 'text');
    assert.equal(await file(join(folder, 'b')), null);
    assert.equal(await file(join(folder, 'a', 'b')), null);
    await assert.rejects(file(folder), /cannot read .*: it is a folder/);
  });

  test('this host has a name, a loopback interface and addresses', async () => {
    const host = thisHost(never);
    assert.notEqual(host.hostname, '');
    assert.ok(host.interfaces().some(({ isLoopback, addresses }) => isLoopback && addresses.includes('127.0.0.1')));
    assert.ok((await host.dns.addresses('localhost')).length > 0);
  });

  test('nothing is asked when the time is over', async () => {
    const { dns } = thisHost(AbortSignal.abort(new Error('over')));
    await assert.rejects(dns.canonicalName('localhost'), /over/);
    await assert.rejects(dns.addresses('localhost'), /over/);
  });

  test('a pause ends with its time, or with the signal', async () => {
    const clock = new FakeClock();
    const first = pause(100, never, clock);
    await clock.advance(100);
    await first;
    const end = new AbortController();
    const second = pause(100, end.signal, clock);
    end.abort(new Error('over'));
    await assert.rejects(second, /over/);
    assert.equal(clock.pending, 0);
    await assert.rejects(pause(100, end.signal, clock), /over/);
    assert.equal(clock.pending, 0);
  });
});
