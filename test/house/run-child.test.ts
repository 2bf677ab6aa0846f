/**
 * The launcher between npm and the collector: signals reach the child once, its end is the launcher's end, and whatever
 * happens to the launcher, no orphan is left.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT } from './tree.ts';

const RUN_CHILD = pathToFileURL(join(ROOT, 'tools', 'run-child.mjs')).href;

/** Says when it is up, and each signal; SIGTERM and SIGINT end it with code 7, the loss of its launcher with 0. */
const CHILD = `
  process.on('SIGTERM', () => { console.log('SIGTERM'); setTimeout(() => process.exit(7), 20); });
  process.on('SIGINT', () => { console.log('SIGINT'); setTimeout(() => process.exit(7), 20); });
  process.on('SIGHUP', () => console.log('SIGHUP'));
  process.on('disconnect', () => { console.log('launcher gone'); process.exit(0); });
  setInterval(() => {}, 1000);
  console.log('up ' + process.pid);
`;
const LAUNCHER = `
  import { runChild } from ${JSON.stringify(RUN_CHILD)};
  runChild(process.execPath, ['-e', ${JSON.stringify(CHILD)}]);
`;
/** Stands for npm: starts the launcher and is then killed. */
const NPM = `
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(LAUNCHER)}], {
    stdio: 'inherit',
    env: { ...process.env, npm_lifecycle_event: 'start' },
  });
`;

interface Launched {
  readonly process: ChildProcess;
  readonly childPid: number;
  /** The next line that the child writes; null when all of its streams are closed, which only its end does. */
  readonly line: () => Promise<string | null>;
}

async function launch(t: TestContext, args: readonly string[]): Promise<Launched> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string | null> => {
    const next = await lines.next();
    return next.done === true ? null : next.value;
  };
  const first = await line();
  assert.match(first ?? '', /^up \d+$/);
  const childPid = Number(first?.slice(3));
  t.after(() => {
    for (const pid of [child.pid as number, childPid]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
      }
    }
  });
  return { process: child, childPid, line };
}

const direct = ['--input-type=module', '-e', LAUNCHER];
const posix = process.platform === 'win32' ? 'signals of POSIX' : false;

describe('launcher', { skip: posix }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} reaches the child, and its exit code comes back`, async (t) => {
      const launched = await launch(t, direct);
      launched.process.kill(signal);
      assert.equal(await launched.line(), signal);
      assert.deepEqual(await once(launched.process, 'exit'), [7, null]);
      assert.equal(await launched.line(), null);
    });
  }

  test('SIGHUP reaches the child and ends nothing', async (t) => {
    const launched = await launch(t, direct);
    launched.process.kill('SIGHUP');
    assert.equal(await launched.line(), 'SIGHUP');
    launched.process.kill('SIGTERM');
    assert.equal(await launched.line(), 'SIGTERM');
  });

  test('the same signal from a terminal and from npm is one signal', async (t) => {
    const launched = await launch(t, direct);
    launched.process.kill('SIGINT');
    launched.process.kill('SIGINT');
    assert.equal(await launched.line(), 'SIGINT');
    assert.deepEqual(await once(launched.process, 'exit'), [7, null]);
    assert.equal(await launched.line(), null);
  });

  test('a child that is killed takes the launcher with it, by the same signal', async (t) => {
    const launched = await launch(t, direct);
    process.kill(launched.childPid, 'SIGKILL');
    assert.deepEqual(await once(launched.process, 'exit'), [null, 'SIGKILL']);
  });

  test('a launcher that is killed outright leaves a child that knows it', async (t) => {
    const launched = await launch(t, direct);
    launched.process.kill('SIGKILL');
    assert.equal(await launched.line(), 'launcher gone');
    assert.equal(await launched.line(), null);
  });

  test('when npm is killed outright, the child is asked to stop', async (t) => {
    const launched = await launch(t, ['-e', NPM]);
    launched.process.kill('SIGKILL');
    assert.equal(await launched.line(), 'SIGTERM');
    assert.equal(await launched.line(), null);
  });
});
