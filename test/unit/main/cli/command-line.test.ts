import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { command } from '#main/cli/command-line.ts';
import type { Host, ProcessListener } from '#main/cli/host.ts';
import { systemClock } from '#shared/clock.ts';
import { createLogger } from '#shared/log-writer.ts';
import { FakeFleet, world, type World } from '../graph/fakes.ts';

const CONFIG = `
otelcol.receiver.fake "in" { output { traces = [otelcol.exporter.fake.out.input] } }
otelcol.exporter.fake "out" { endpoint = "x" }
`;

let folder: string;
let path: string;
let out: string;
let err: string;
let made: World;
let fleet: FakeFleet;
let listener: ProcessListener | null;
let env: Record<string, string>;
let piped: string;
let nowMs: number;
/** Waiters for a text on stderr. */
let waiting: { readonly text: string; readonly done: () => void }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
  path = join(folder, 'c.alloy');
  await writeFile(path, CONFIG);
  [out, err, piped, env, nowMs, listener, waiting] = ['', '', '', {}, 0, null, []];
  made = world();
  fleet = new FakeFleet();
});
afterEach(() => rm(folder, { recursive: true }));

function run(...argv: string[]): Promise<number> {
  const stderr = (text: string): void => {
    err += text;
    for (const { text: wanted, done } of waiting) if (err.includes(wanted)) done();
  };
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const host: Host = {
    stdout: (text) => void (out += text),
    stderr,
    stdin: async function* () {
      yield Buffer.from(piped);
    },
    env,
    clock,
    log: createLogger({ level: 'info', format: 'logfmt', write: stderr, clock: systemClock }),
    watch: (listens) => {
      listener = listens;
      return () => void (listener = null);
    },
  };
  return command(argv, { components: made.components, fleet: () => fleet, version: '1.2.3' }, host);
}

/** Resolves when stderr holds `text`. */
const logged = (text: string): Promise<void> =>
  err.includes(text) ? Promise.resolve() : new Promise((done) => waiting.push({ text, done }));
const adminAddress = (): string => /now listening for http traffic" addr=(\S+)/.exec(err)?.[1] ?? '';

describe('help and usage', () => {
  test('without arguments, with --help and with help: the overview, exit 0', async () => {
    for (const argv of [[], ['--help'], ['-h'], ['help']]) {
      out = '';
      assert.equal(await run(...argv), 0);
      assert.match(out, /Usage: millrace COMMAND/);
    }
  });

  test('help of a command lists its flags', async () => {
    assert.equal(await run('help', 'run'), 0);
    const byHelp = out;
    out = '';
    assert.equal(await run('run', '--help'), 0);
    assert.equal(out, byHelp);
    for (const text of [
      '--server.http.listen-addr',
      'Default: 127.0.0.1:12345.',
      '--workers (1 to 256)',
      '--ring.size (64KiB to 1GiB)',
      'a request must fit into it. Default: 32MiB.',
      '--cluster.enabled',
      'MILLRACE_SERVER_HTTP_LISTEN_ADDR',
    ]) {
      assert.ok(out.includes(text), text);
    }
    assert.ok(out.split('\n').every((line) => line.length <= 130));
  });

  test('--version', async () => {
    assert.equal(await run('--version'), 0);
    assert.equal(out, 'millrace 1.2.3\n');
  });

  const wrong: [argv: string[], message: RegExp][] = [
    [['rnu'], /^Error: unknown command "rnu"; did you mean run\?\n/],
    [['help', 'x'], /there is no command "x"/],
    [['run', '--worker=1'], /did you mean --workers\?\nSee: millrace help run/],
    [['run', 'a', 'b'], /too many arguments: b/],
    [['validate'], /needs the PATH/],
    [['healthcheck', 'x'], /too many arguments: x/],
    [['constructor'], /unknown command/],
  ];
  for (const [argv, message] of wrong) {
    test(`${argv.join(' ')}: exit 2`, async () => {
      assert.equal(await run(...argv), 2);
      assert.match(err, message);
    });
  }
});

describe('validate', () => {
  test('a good file: exit 0', async () => {
    assert.equal(await run('validate', path), 0);
    assert.equal(out, `${path} is valid\n`);
    assert.equal(err, '');
  });

  test('a bad file: every diagnostic with its source line on stderr, exit 1', async () => {
    await writeFile(path, 'nope "x" { }\nlogging {\n  level = "loud"\n}\n');
    assert.equal(await run('validate', path), 1);
    assert.match(err, /c\.alloy:1:1: error: cannot find the definition of component name "nope"\n 1 \| nope "x"/);
    assert.match(err, /c\.alloy:3:11: error: /);
    assert.match(err, /\nError: validation failed\n$/);
    assert.equal(out, '');
  });

  test('other dialects are refused clearly', async () => {
    assert.equal(await run('validate', '--config.format=otelcol', path), 1);
    assert.match(err, /^Error: --config\.format=otelcol is not available yet/);
  });
});

describe('run', () => {
  test('a wrong configuration: diagnostics, one last line, exit 1, and nothing was started', async () => {
    await writeFile(path, 'nope "x" { }');
    assert.equal(await run('run', path), 1);
    assert.match(err, /c\.alloy:1:1: error/);
    assert.match(err, /\nError: could not perform the initial load successfully\n$/);
    assert.deepEqual(fleet.calls, []);
    assert.ok(!/\bat .*\.ts:\d+/.test(err), 'no stack trace');
  });

  test('a path that is not there: exit 1', async () => {
    assert.equal(await run('run', join(folder, 'no.alloy')), 1);
    assert.match(err, /Error: cannot read the configuration: .*no\.alloy/);
  });

  test('runs until a signal, drains, and exits 0', async () => {
    const ended = run('run', path, '--server.http.listen-addr=127.0.0.1:0', '--cluster.enabled');
    await logged('millrace is running');
    assert.match(err, /flags without effect.*flags=--cluster\.enabled/);
    assert.equal(out, '', 'the banner is for the default configuration only');
    env['MILLRACE_SERVER_HTTP_LISTEN_ADDR'] = adminAddress();
    listener?.onStop('SIGTERM');
    assert.equal(await ended, 0);
    assert.deepEqual(fleet.calls, ['start', 'stop']);
    for (const line of [
      'shutting down" reason=SIGTERM',
      'stopping receivers',
      'flushing workers',
      'everything is flushed',
    ])
      assert.ok(err.includes(line), line);
    assert.equal(listener, null, 'nothing listens to signals any more');
    assert.equal(await run('healthcheck'), 1);
  });

  test('a lost launcher drains as well', async () => {
    const ended = run('run', path, '--server.http.listen-addr=127.0.0.1:0');
    await logged('millrace is running');
    listener?.onLauncherGone();
    assert.equal(await ended, 0);
  });

  test('a second signal later on forces exit 1 while the drain hangs', async () => {
    fleet.stop = () => new Promise(() => {});
    const ended = run('run', path, '--server.http.listen-addr=127.0.0.1:0');
    await logged('millrace is running');
    listener?.onStop('SIGINT');
    await logged('flushing workers');
    nowMs += 501;
    listener?.onStop('SIGINT');
    assert.equal(await ended, 1);
    assert.match(err, /forced to end before everything was flushed/);
  });

  test('a signal during the start is not lost', async () => {
    const started = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    fleet.start = () => {
      reached.resolve();
      return started.promise;
    };
    const ended = run('run', path, '--server.http.listen-addr=127.0.0.1:0');
    await reached.promise;
    listener?.onStop('SIGTERM');
    started.resolve();
    assert.equal(await ended, 0);
    assert.deepEqual(fleet.calls, ['stop']);
  });

  test('SIGHUP reloads; a bad file keeps the good one and logs the first mistake', async () => {
    const ended = run('run', path, '--server.http.listen-addr=127.0.0.1:0');
    await logged('millrace is running');
    await writeFile(path, 'nope "x" { }\nnope "y" { }');
    listener?.onReload();
    await logged('failed to reload config');
    assert.match(err, /err="[^"]*c\.alloy:1:1: cannot find the definition.*\(and 1 more\)"/);
    await writeFile(path, CONFIG);
    listener?.onReload();
    await logged('msg="config reloaded"');
    listener?.onStop('SIGTERM');
    assert.equal(await ended, 0);
    assert.deepEqual(fleet.calls, ['start', 'apply', 'stop']);
  });

  test('a taken admin port: one error with the address, exit 1, workers never started', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    try {
      assert.equal(await run('run', path, `--server.http.listen-addr=127.0.0.1:${port}`), 1);
    } finally {
      taken.close();
    }
    assert.match(
      err,
      new RegExp(`Error: the admin server .*cannot listen on 127\\.0\\.0\\.1:${port}: the address is in use`),
    );
    assert.deepEqual(fleet.calls, []);
  });

  test('a taken receiver port: one error with component and address, exit 1, everything closed', async () => {
    made.taken.add('');
    assert.equal(await run('run', path, '--server.http.listen-addr=127.0.0.1:0'), 1);
    assert.match(err, /Error: otelcol\.receiver\.fake\.in: cannot listen on/);
    assert.deepEqual(fleet.calls, ['start', 'stop']);
    env['MILLRACE_SERVER_HTTP_LISTEN_ADDR'] = adminAddress();
    assert.equal(await run('healthcheck'), 1);
  });
});

test('healthcheck asks the address that the collector was given: every interface is asked on the loopback one', async () => {
  const ended = run('run', path, '--server.http.listen-addr=0.0.0.0:0');
  await logged('millrace is running');
  const port = /:(\d+)$/.exec(adminAddress())?.[1] ?? '';
  for (const host of ['0.0.0.0', '', '127.0.0.1', '[::]'])
    assert.equal(await run('healthcheck', `--server.http.listen-addr=${host}:${port}`), 0, host);
  env['MILLRACE_SERVER_HTTP_LISTEN_ADDR'] = `0.0.0.0:${port}`;
  assert.equal(await run('healthcheck'), 0);
  assert.equal(await run('healthcheck', '--addr=127.0.0.1:1'), 2);
  listener?.onStop('SIGTERM');
  await ended;
  assert.equal(await run('healthcheck'), 1);
});

test('healthcheck asks the address of the environment: 0 when ready', async () => {
  const ended = run('run', path, '--server.http.listen-addr=127.0.0.1:0');
  await logged('millrace is running');
  env['MILLRACE_SERVER_HTTP_LISTEN_ADDR'] = adminAddress();
  assert.equal(await run('healthcheck'), 0);
  assert.equal(out, 'Alloy is ready.\n');
  listener?.onStop('SIGTERM');
  await ended;
  assert.equal(await run('healthcheck'), 1);
  assert.match(err, /Error: http:\/\/127\.0\.0\.1:\d+\/-\/ready: /);
});
