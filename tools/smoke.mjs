/**
 * Does the packed package run? Packs the project (which builds it), installs nothing but its production dependencies beside
 * it, and in that folder: prints the version, starts the collector, waits until it is ready, stops it by SIGTERM.
 *
 * `node tools/smoke.mjs`, on the project's Node. Exit code 0 when all of it worked.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installedNode, root } from './setup.mjs';

const READY_MS = 30_000;
const STOP_MS = 30_000;

const node = installedNode();
const folder = mkdtempSync(join(tmpdir(), 'millrace-smoke-'));
try {
  const entry = unpack(folder);
  const version = spawnSync(node, [entry, '--version'], { encoding: 'utf8' });
  if (version.status !== 0) throw new Error(`--version ended with ${version.status}: ${version.stderr}`);
  console.log(`packed: ${version.stdout.trim()}`);
  await runAndStop(entry);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Packs the project into `folder` as an installed package would lie there; returns the path of its bin. */
function unpack(folder) {
  const packed = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (packed.status !== 0) throw new Error('npm pack failed');
  const answer = JSON.parse(packed.stdout);
  const [{ filename, files, unpackedSize }] = Array.isArray(answer) ? answer : Object.values(answer);
  console.log(`packed: ${files.length} files, ${Math.round(unpackedSize / 1024)} KiB`);
  const strange = files
    .map(({ path }) => path)
    .filter((path) => !/^(dist\/.*\.js|bin\/millrace\.mjs|package\.json|[A-Z]+(\.md)?)$/.test(path));
  if (strange.length > 0) throw new Error(`the package holds what it should not: ${strange.join(', ')}`);

  const home = join(folder, 'package');
  const untar = spawnSync('tar', ['-xzf', join(folder, filename), '-C', folder]);
  if (untar.status !== 0 || !existsSync(home)) throw new Error(`tar: ${untar.stderr}`);
  mkdirSync(join(home, 'node_modules'));
  const list = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  for (const path of list.stdout.trim().split('\n').slice(1)) {
    const inside = path.slice(root.length + 1);
    const isNested = inside.indexOf('node_modules/') !== inside.lastIndexOf('node_modules/');
    if (isNested || !existsSync(path)) continue;
    const target = join(home, inside);
    mkdirSync(join(target, '..'), { recursive: true });
    // Links, not copies: Node resolves them to the project's folder, where each finds what it needs.
    symlinkSync(path, target, 'junction');
  }
  return join(home, 'bin', 'millrace.mjs');
}

async function runAndStop(entry) {
  const port = await freePort();
  const config = join(folder, 'smoke.alloy');
  writeFileSync(
    config,
    `otelcol.receiver.otlp "in" {
      http { endpoint = "127.0.0.1:0" }
      output { traces = [otelcol.exporter.debug.out.input] }
    }
    otelcol.exporter.debug "out" { }
    `,
  );
  const child = spawn(
    node,
    [entry, 'run', config, '--stability.level=experimental', `--server.http.listen-addr=127.0.0.1:${port}`],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  try {
    await ready(`http://127.0.0.1:${port}/-/ready`, child);
    child.kill('SIGTERM');
    const [code, signal] = await Promise.race([ended, sleep(STOP_MS, ['it did not end', null], { ref: false })]);
    if (code !== 0) throw new Error(`after SIGTERM: ${signal ?? code}`);
    console.log('packed: started, ready, drained, ended with 0');
  } finally {
    child.kill('SIGKILL');
  }
}

async function ready(url, child) {
  const until = performance.now() + READY_MS;
  while (performance.now() < until && child.exitCode === null) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(
    child.exitCode === null
      ? `not ready within ${READY_MS / 1000} s`
      : `ended with ${child.exitCode} instead of getting ready`,
  );
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
