import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryLimit, neededBytes, reservedBytes } from '#main/cli/memory.ts';
import { Terminal } from './terminal.ts';

const MIB = 1024 * 1024;
const bytes = (env: Record<string, string>, cgroup: number | null = 1000): unknown => {
  const limit = memoryLimit(env, cgroup);
  return limit === null || typeof limit === 'string' ? limit : limit.bytes;
};

describe('the memory limit', () => {
  test('GOMEMLIMIT wins, in the sizes that Go takes', () => {
    assert.equal(bytes({ GOMEMLIMIT: '512MiB', AUTOMEMLIMIT: '0.5' }), 512 * MIB);
    assert.equal(bytes({ GOMEMLIMIT: '1000000' }), 1_000_000);
    assert.equal(bytes({ GOMEMLIMIT: '20B' }), 20);
    assert.equal(bytes({ GOMEMLIMIT: 'off' }), null);
  });

  test('else a share of what the cgroup has', () => {
    assert.equal(bytes({}), 900);
    assert.equal(bytes({ AUTOMEMLIMIT: '0.5' }), 500);
    assert.equal(bytes({ AUTOMEMLIMIT: 'off' }), null);
    assert.equal(bytes({}, null), null);
    assert.equal(bytes({ AUTOMEMLIMIT: '0.5' }, null), null);
  });

  test('what is not understood is said', () => {
    for (const wrong of ['12MB', '-1', 'much', '1.5GiB', '99999999TiB'])
      assert.match(
        String(bytes({ GOMEMLIMIT: wrong })),
        /^GOMEMLIMIT=.* is ignored: write bytes, a size such as 512MiB/,
      );
    for (const wrong of ['0', '2', 'half', '-0.1'])
      assert.match(String(bytes({ AUTOMEMLIMIT: wrong })), /^AUTOMEMLIMIT=.* is ignored: write a share such as 0\.9/);
  });
});

describe('run', () => {
  const flags = ['--workers=1', '--ring.size=32MiB', '--receive.size=24MiB'];
  const run = async (GOMEMLIMIT: string): Promise<Terminal> => {
    const terminal = new Terminal();
    terminal.env = { GOMEMLIMIT };
    assert.equal(await terminal.run('run', '--server.http.listen-addr=127.0.0.1:0', ...flags, 'gone.alloy'), 1);
    return terminal;
  };

  test('heaps get what rings and requests leave, but never so little that nothing works', async () => {
    assert.deepEqual((await run('256MiB')).heaps, [200 * MIB]);
    assert.deepEqual((await run('100MiB')).heaps, [64 * MIB]);
    assert.deepEqual((await run('off')).heaps, []);
    assert.deepEqual((await run('1024GiB')).heaps, []);
  });

  test('flags that allow more than the limit are warned of, and a limit that is not understood', async () => {
    assert.match((await run('100MiB')).err, /level=warn msg="rings and requests may take more .* limit=100MiB origin=/);
    assert.doesNotMatch((await run('512MiB')).err, /level=warn/);
    assert.match(
      (await run('512MB')).err,
      /level=warn msg="a memory limit is not understood" err="GOMEMLIMIT=512MB is ignored/,
    );
  });
});

test('what flags reserve: a ring from each thread that accepts to each worker', () => {
  const settings = { workers: 3, ingestThreads: 0, ringBytes: 32 * MIB, receiveBytes: 24 * MIB };
  assert.equal(reservedBytes(settings), 120 * MIB);
  assert.equal(reservedBytes({ ...settings, ingestThreads: 2 }), 240 * MIB);
  assert.ok(neededBytes(settings) > reservedBytes(settings));
});
