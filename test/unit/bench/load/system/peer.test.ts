/** Scenario: a peer is any program. It gets its ports and its configuration, is ended by SIGTERM, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { startPeer } from '#bench/load/system/peer.ts';
import type { SystemSettings } from '#bench/load/system/system.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-peer-test-'));
after(() => rmSync(folder, { recursive: true }));

/** Listens where it is told, says what it was given, ends as its mode wants. */
const PROGRAM = join(folder, 'program.mjs');
writeFileSync(
  PROGRAM,
  `import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
const [mode, listen, config] = process.argv.slice(2);
if (mode === 'broken') { console.error('no such flag'); process.exit(3); }
console.error(JSON.stringify({ config, text: readFileSync(config, 'utf8'), sink: process.env.SINK }));
createServer().listen(Number(listen.split(':')[1]), '127.0.0.1');
if (mode === 'polite') process.on('SIGTERM', () => process.exit(0));
if (mode === 'failing') process.on('SIGTERM', () => process.exit(2));
`,
);
const template = join(folder, 'template.toml');
writeFileSync(template, 'in = "{listen}"\nout = "{sink}"\n');

const settings: SystemSettings = {
  protocol: 'grpc',
  compressionOut: 'gzip',
  sinkPort: 4711,
  derive: false,
  edit: 'none',
  queue: { sizer: 'requests', size: 32, block: true },
  workers: 1,
  built: false,
  nodeFlags: [],
};
const command = (mode: string): string => `SINK={sink} ${process.execPath} ${PROGRAM} ${mode} {listen} {config}`;

test('a program with its own configuration language', async () => {
  await using peer = await startPeer({ name: 'p', command: command('polite'), template }, settings);
  // what it prints and that it listens come over different ways
  while (!peer.stderr().includes('\n')) await new Promise((turn) => setImmediate(turn));
  const given = JSON.parse(peer.stderr()) as { config: string; text: string; sink: string };
  assert.equal(given.text, `in = "127.0.0.1:${peer.port}"\nout = "127.0.0.1:4711"\n`);
  assert.equal(given.sink, '127.0.0.1:4711');
  assert.equal(await peer.balance(), null);
  assert.equal(await peer.drain(), null);
  await peer[Symbol.asyncDispose]();
  assert.equal(existsSync(dirname(given.config)), false);
});

test('without a template it gets OpenTelemetry Collector YAML; ending by the signal is clean, a code of its own is not', async () => {
  await using peer = await startPeer({ name: 'p', command: command('rude'), template: null }, settings);
  while (!peer.stderr().includes('\n')) await new Promise((turn) => setImmediate(turn));
  assert.match((JSON.parse(peer.stderr()) as { text: string }).text, /^receivers:/);
  assert.equal(await peer.drain(), null);
  await using failing = await startPeer({ name: 'p', command: command('failing'), template: null }, settings);
  while (!failing.stderr().includes('\n')) await new Promise((turn) => setImmediate(turn));
  assert.match((await failing.drain()) ?? '', /^exit code 2 after SIGTERM/);
});

test('a program that does not start is told with what it said', async () => {
  await assert.rejects(
    startPeer({ name: 'p', command: command('broken'), template: null }, settings),
    /p ended before it listened: exit code 3\nno such flag/,
  );
  await assert.rejects(
    startPeer({ name: 'p', command: join(folder, 'nothing'), template: null }, settings),
    /ended before it listened: .*ENOENT/,
  );
});
