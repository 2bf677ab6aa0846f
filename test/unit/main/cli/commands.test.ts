import assert from 'node:assert/strict';
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { command } from '#main/cli/commands.ts';
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
let input: string;
let out: string;
let err: string;
let made: World;
let fleet: FakeFleet;
let listener: ProcessListener | null;
let env: Record<string, string>;
let heaps: number[];
let nowMs: number;
/** Waiters for a text on stderr. */
let waiting: { readonly text: string; readonly done: () => void }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
  path = join(folder, 'c.alloy');
  await writeFile(path, CONFIG);
  input = '';
  heaps = [];
  [out, err, env, nowMs, listener, waiting] = ['', '', {}, 0, null, []];
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
    coloured: false,
    stdin: () => Promise.resolve(Buffer.from(input)),
    env,
    limitHeaps: (bytes) => void heaps.push(bytes),
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
    [['help', 'x'], /unknown command "x"/],
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

  test('languages that are not offered are refused clearly', async () => {
    assert.equal(await run('validate', '--config.format=promtail', path), 2);
    assert.match(err, /^Error: --config\.format=promtail is not offered/);
  });

  test('Collector YAML by its name, mistakes at their place', async () => {
    const yaml = join(folder, 'c.yaml');
    await writeFile(
      yaml,
      'receivers:\n  fake: { adress: x }\nexporters: { fake: { endpoint: "${env:WHERE}" } }\nservice: { pipelines: { traces: { receivers: [fake], exporters: [fake] } } }\n',
    );
    assert.equal(await run('validate', yaml), 1);
    assert.match(
      err,
      /c\.yaml:2:11: error: .*has invalid keys: adress\n 2 \|   fake: \{ adress: x \}\n.*\nhelp: did you mean "address"\?/,
    );
  });

  test('as JSON', async () => {
    await writeFile(path, 'nope "x" { }\n');
    assert.equal(await run('validate', '--format=json', path), 1);
    const { valid, diagnostics } = JSON.parse(out) as { valid: boolean; diagnostics: Record<string, unknown>[] };
    assert.equal(valid, false);
    assert.deepEqual(
      diagnostics.map(({ file, line, column, code }) => [file, line, column, code]),
      [[path, 1, 1, 'unknown_name']],
    );
    assert.equal(err, '');
  });

  test('as annotations of GitHub', async () => {
    await writeFile(path, 'nope "x" { }\n');
    assert.equal(await run('validate', '--format', 'github', path), 1);
    assert.equal(
      out,
      `::error file=${path},line=1,endLine=1,col=1,endColumn=5,title=unknown_name::cannot find the definition of component name "nope"\n`,
    );
  });
});

describe('fmt', () => {
  const UGLY = 'a "x" {\nb=1\n  ccc = 2\n}';
  const FORMATTED = 'a "x" {\n\tb   = 1\n\tccc = 2\n}\n';

  test('standard input, a file, in place, as a test', async () => {
    input = UGLY;
    for (const argv of [[], ['-']]) {
      out = '';
      assert.equal(await run('fmt', ...argv), 0);
      assert.equal(out, FORMATTED);
    }
    await writeFile(path, UGLY);
    await chmod(path, 0o640);
    assert.equal(await run('fmt', '-t', path), 1);
    assert.match(err, /is not formatted: run millrace fmt -w/);
    out = '';
    assert.equal(await run('fmt', '-w', path), 0);
    assert.equal(out, '');
    assert.equal(await readFile(path, 'utf8'), FORMATTED);
    assert.equal((await stat(path)).mode & 0o777, 0o640);
    assert.equal(await run('fmt', '--test', path), 0);
    const link = join(folder, 'link.alloy');
    await symlink(path, link);
    await writeFile(path, UGLY);
    assert.equal(await run('fmt', '-w', link), 0);
    assert.equal(await readFile(path, 'utf8'), FORMATTED);
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.deepEqual((await readdir(folder)).sort(), ['c.alloy', 'link.alloy']);
  });

  test('mistakes are told, and nothing is written', async () => {
    await writeFile(path, 'a = [');
    assert.equal(await run('fmt', '-w', path), 1);
    assert.match(err, /c\.alloy:1:\d+: error: /);
    assert.equal(await readFile(path, 'utf8'), 'a = [');
    assert.equal(await run('fmt', '-w', '-t', path), 2);
    assert.equal(await run('fmt', '-w'), 2);
    assert.equal(await run('fmt', join(folder, 'gone')), 1);
    assert.equal(await run('fmt', folder), 1);
  });
});

describe('convert', () => {
  const YAML =
    'receivers: { fake: }\nexporters: { fake: { endpoint: x } }\nservice: { pipelines: { traces: { receivers: [fake], exporters: [fake] } } }\n';

  test('to standard output or a file, with a report', async () => {
    input = YAML;
    assert.equal(await run('convert', '-f', 'otelcol'), 0);
    assert.equal(
      out,
      'otelcol.receiver.fake "default" {\n\toutput {\n\t\ttraces = [otelcol.exporter.fake.default.input]\n\t}\n}\n\notelcol.exporter.fake "default" {\n\tendpoint = "x"\n}\n',
    );
    assert.match(err, /^\(Warning\) the service\/telemetry\/logs\/sampling configuration is not supported\n/);
    const [to, report] = [join(folder, 'out.alloy'), join(folder, 'report')];
    assert.equal(await run('convert', '-f=otelcol', '-o', to, '-r', report, '-'), 0);
    assert.equal(await readFile(to, 'utf8'), out);
    assert.match(
      await readFile(report, 'utf8'),
      /\(Info\) Converted receiver\/fake into otelcol\.receiver\.fake\.default/,
    );
  });

  test('what cannot be converted', async () => {
    input = 'receivers: { nope: }\n';
    assert.equal(await run('convert', '-f', 'otelcol', '-b'), 1);
    assert.equal(out, '');
    assert.match(err, /<stdin>:1:14: error: /);
    assert.equal(await run('convert'), 2);
    assert.equal(await run('convert', '-f', 'static'), 2);
    assert.equal(await run('convert', '-f', 'otelcol', '-e', 'x'), 1);
  });
});

describe('what this build is', () => {
  test('components, as text and JSON', async () => {
    assert.equal(await run('components'), 0);
    assert.match(out, /^otelcol\.exporter\.fake +generally-available/m);
    out = '';
    assert.equal(await run('components', '--format=json'), 0);
    assert.equal((JSON.parse(out) as { components: unknown[] }).components.length, made.components.size);
  });

  test('schema: the sections, the keys of components, what is required', async () => {
    assert.equal(await run('schema'), 0);
    const { properties } = JSON.parse(out) as {
      properties: Record<
        string,
        { patternProperties: Record<string, { required: string[]; properties: Record<string, unknown> }> }
      >;
    };
    const exporter = properties['exporters']?.patternProperties['^fake(/.+)?$'];
    assert.deepEqual(exporter?.required, ['endpoint']);
    assert.ok('tls' in (exporter?.properties ?? {}));
  });

  test('completion: for three shells, and no other', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) assert.equal(await run('completion', shell), 0);
    assert.equal(await run('completion', 'csh'), 2);
    assert.match(err, /there is no completion for "csh": use bash, zsh or fish\nSee: millrace help completion/);
  });

  test('commands of Alloy that are not offered say so', async () => {
    assert.equal(await run('tools'), 2);
    assert.match(err, /command "tools" is not offered: /);
  });
});

describe('doctor', () => {
  test('finds the machine fit, and a configuration with its addresses', async () => {
    const code = await run('doctor', '--workers=1', '--format=json', path);
    const { ok, findings } = JSON.parse(out) as { ok: boolean; findings: { state: string; what: string }[] };
    assert.equal(ok, code === 0);
    for (const what of ['Node', 'memory', 'open files', `configuration ${path}`, 'admin server'])
      assert.ok(
        findings.some((finding) => finding.what === what),
        what,
      );
  });

  test('a port that is taken is a failure that is named', async (t) => {
    const server = createServer();
    t.after(() => server.close());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    assert.equal(await run('doctor', `--server.http.listen-addr=${address}`, path), 1);
    assert.match(
      out,
      new RegExp(
        `^fail  admin server: cannot listen on ${address}: the address is in use; stop the other process`,
        'm',
      ),
    );
  });

  test('a bad configuration', async () => {
    await writeFile(path, 'nope "x" { }');
    assert.equal(await run('doctor', path), 1);
    assert.match(out, /^fail  configuration .*\n?.*cannot find the definition/m);
  });
});

describe('run', () => {
  test('--dry-run says what would run, and starts nothing', async () => {
    assert.equal(await run('run', '--dry-run', '--workers=3', path), 0);
    assert.match(
      out,
      /: 2 components, 3 workers, the main thread accepts\.\nComponents, sinks first:\n {2}otelcol\.exporter\.fake\.out\n {2}otelcol\.receiver\.fake\.in -> otelcol\.exporter\.fake\.out\nWould listen on:\n {2}127\.0\.0\.1:12345 \(admin server\)\nWould send to:\n {2}x \(otelcol\.exporter\.fake\.out\)\n$/,
    );
    assert.deepEqual(fleet.calls, []);
  });

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
    assert.match(err, /Error: cannot read .*no\.alloy: there is no such file or folder/);
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
