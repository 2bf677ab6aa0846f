import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { examineAddresses } from '#main/doctor/addresses.ts';
import { examineDestinations } from '#main/doctor/destinations.ts';
import { examineMachine, type Machine } from '#main/doctor/machine.ts';
import { examineDriver, examineRuntime, isWithin } from '#main/doctor/runtime.ts';
import type { Finding } from '#main/doctor/finding.ts';
import type { Graph } from '#main/graph/graph.ts';

const MIB = 1024 * 1024;
const states = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ what, state }) => [what, state]));

describe('Node', () => {
  test('the range of package.json', () => {
    const range = '^22.22.0 || >=24.6.0';
    for (const version of ['22.22.0', '22.30.1', '24.6.0', '24.21.0', '26.0.0'])
      assert.ok(isWithin(version, range), version);
    for (const version of ['18.20.0', '22.21.9', '23.9.0', '24.5.9', '20.0.0'])
      assert.ok(!isWithin(version, range), version);
  });

  test('a version that is too old fails, what is missing warns', () => {
    const wanted = { engines: '>=24.6.0', nodeFlags: ['--a', '--b=1'] };
    const old = examineRuntime({ version: '20.1.0', execArgv: ['--a'], platform: 'win32', arch: 'x64' }, wanted);
    assert.deepEqual(states(old), { Node: 'fail', platform: 'warn', 'flags of Node': 'warn', zstd: 'ok' });
    assert.match(old[2].found, /^--b=1 not set/);
    const good = { version: '24.6.0', execArgv: ['--a', '--b=1'], platform: 'linux', arch: 'arm64' };
    assert.ok(examineRuntime(good, wanted).every(({ state }) => state === 'ok'));
  });

  test('a missing driver fails only where it is insisted on', async () => {
    const none = (): Promise<string> => Promise.resolve('uWebSockets.js is not installed');
    assert.equal((await examineDriver('auto', none)).state, 'ok');
    assert.equal((await examineDriver('node', none)).state, 'ok');
    assert.equal((await examineDriver('uws', none)).state, 'fail');
    assert.equal((await examineDriver('uws', () => Promise.resolve({}))).state, 'ok');
  });
});

describe('the machine', () => {
  const machine: Machine = {
    cores: 4,
    memoryBytes: 8192 * MIB,
    cgroupBytes: null,
    env: {},
    limits: 'Max open files            65536                65536                files\n',
    git: null,
  };
  const settings = { workers: 3, ingestThreads: 0, ringBytes: 32 * MIB, receiveBytes: 24 * MIB };
  const examined = (change: Partial<Machine>): Record<string, string> =>
    states(examineMachine({ ...machine, ...change }, settings));

  test('fit', () => {
    assert.deepEqual(examined({}), { threads: 'ok', memory: 'ok', 'open files': 'ok', git: 'ok' });
    assert.equal(examined({ limits: null })['open files'], 'ok');
    assert.equal(
      examined({ limits: 'Max open files            unlimited            unlimited            files' })['open files'],
      'ok',
    );
  });

  test('too few cores, files, bytes', () => {
    assert.equal(examined({ cores: 2 })['threads'], 'warn');
    assert.equal(
      examined({ limits: 'Max open files            1024                 4096                 files' })['open files'],
      'warn',
    );
    assert.equal(examined({ cgroupBytes: 256 * MIB })['memory'], 'fail');
    assert.equal(examined({ cgroupBytes: 350 * MIB })['memory'], 'warn');
    assert.equal(examined({ env: { GOMEMLIMIT: '200MiB' } })['memory'], 'fail');
    assert.equal(examined({ env: { GOMEMLIMIT: 'much' } })['memory limit'], 'warn');
  });
});

describe('addresses', () => {
  const graphOf = (...nodes: { id: string; main?: boolean; args: object }[]): Graph =>
    ({
      nodes: nodes.map(({ id, main, args }) => ({
        id,
        args,
        component: main === true ? { main: () => {} } : { worker: () => {} },
      })),
    }) as unknown as Graph;

  test('all are held at once, so that two that cannot live together are found', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    const receiver = { id: 'a', main: true, args: { grpc: { endpoint: `0.0.0.0:${port}` } } };
    const other = { id: 'b', main: true, args: { http: { endpoint: `127.0.0.1:${port}` }, grpc: undefined } };
    const found = await examineAddresses(graphOf(receiver, other), '127.0.0.1:0');
    assert.deepEqual(states(found), { 'admin server': 'ok', a: 'ok', b: 'fail' });
    assert.match(found[2].found, /^cannot listen on .*: the address is in use; /);
    const again = await examineAddresses(graphOf(receiver), '127.0.0.1:0');
    assert.ok(
      again.every(({ state }) => state === 'ok'),
      'nothing is held any more',
    );
  });

  test('backends: who takes connections, who does not, whose name leads nowhere', async (t) => {
    const backend = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    t.after(() => backend.close());
    await once(backend, 'listening');
    const { port } = backend.address() as AddressInfo;
    const found = await examineDestinations(
      graphOf(
        { id: 'up', args: { client: { endpoint: `127.0.0.1:${port}` } } },
        { id: 'http', args: { client: { endpoint: `http://127.0.0.1:${port}/otlp` } } },
        { id: 'down', args: { client: { endpoint: '127.0.0.1:1' } } },
        { id: 'socket', args: { client: { endpoint: 'unix:///nowhere/socket' } } },
        { id: 'nowhere', args: { client: { endpoint: 'collector.invalid:4317' } } },
      ),
    );
    assert.deepEqual(
      found.map(({ state }) => state),
      ['ok', 'ok', 'warn', 'warn', 'warn'],
    );
    assert.match(found[4].found, /the name collector\.invalid has no address/);
  });
});
