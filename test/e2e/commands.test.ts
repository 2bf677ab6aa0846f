/**
 * Scenario: commands in a process of their own, with pipes. Guarantees: exactly the result on stdout, exit codes, no endless
 * reading, no stack trace for a reader that goes away, and nothing bound by what only looks.
 */
import assert from 'node:assert/strict';
import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const PROJECT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'millrace-commands-'));
after(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function millrace(argv: readonly string[], stdin: string | number = '', env = {}): Promise<Ended> {
  const stdio: StdioOptions = [typeof stdin === 'number' ? stdin : 'pipe', 'pipe', 'pipe'];
  const child = spawn(process.execPath, ['--conditions=source', join(PROJECT, 'src/main/cli/main.ts'), ...argv], {
    stdio,
    env: { ...process.env, ...env },
  });
  if (typeof stdin === 'string') child.stdin?.end(stdin);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code] = await ended;
  return { code, stdout, stderr };
}

const UGLY = 'otelcol.exporter.debug "d" {\nverbosity="basic"\n  use_internal_logger = false }';
const PRETTY = 'otelcol.exporter.debug "d" {\n\tverbosity           = "basic"\n\tuse_internal_logger = false\n}\n';

test('fmt and convert work in a pipe', async () => {
  assert.deepEqual(await millrace(['fmt'], UGLY), { code: 0, stdout: PRETTY, stderr: '' });
  const yaml =
    'receivers: { otlp: { protocols: { grpc: } } }\nexporters: { debug: }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [debug] } } }\n';
  const converted = await millrace(['convert', '-f', 'otelcol'], yaml);
  assert.equal(converted.code, 0, converted.stderr);
  assert.deepEqual(await millrace(['fmt', '-t'], converted.stdout), { code: 0, stdout: '', stderr: '' });
});

test(
  'input without an end is refused',
  { skip: existsSync('/dev/zero') ? false : '/dev/zero is not there' },
  async () => {
    const zero = openSync('/dev/zero', 'r');
    try {
      const { code, stderr } = await millrace(['fmt'], zero);
      assert.equal(code, 1);
      assert.equal(stderr, 'Error: cannot read standard input: it is larger than 64 MiB\n');
    } finally {
      closeSync(zero);
    }
  },
);

test('a reader that goes away ends nothing with an error', async () => {
  const child = spawn(process.execPath, ['--conditions=source', join(PROJECT, 'src/main/cli/main.ts'), 'schema'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number]>]);
  assert.deepEqual([code, stderr], [0, '']);
});

test('what only looks binds nothing and starts nothing; doctor says what is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  try {
    const { port } = taken.address() as AddressInfo;
    const path = join(folder, 'gateway.alloy');
    writeFileSync(
      path,
      `otelcol.receiver.otlp "in" {
  grpc { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.exporter.otlp.out.input] }
}
otelcol.exporter.otlp "out" {
  client { endpoint = sys.env("WHERE") }
}
`,
    );
    const flags = ['--server.http.listen-addr=127.0.0.1:0'];
    const env = { WHERE: 'tempo:4317', GOMAXPROCS: '3' };
    const dry = await millrace(['run', '--dry-run', path, ...flags], '', env);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /2 components, 3 workers, the main thread accepts\./);
    assert.match(
      dry.stdout,
      new RegExp(
        `Would listen on:\n  127.0.0.1:0 \\(admin server\\)\n  127.0.0.1:${port} \\(otelcol.receiver.otlp.in\\)\n`,
      ),
    );
    assert.match(dry.stdout, /Would send to:\n {2}tempo:4317 \(otelcol\.exporter\.otlp\.out\)\n/);
    assert.equal((await millrace(['validate', path], '', env)).code, 0);
    const doctor = await millrace(['doctor', path, ...flags], '', env);
    assert.equal(doctor.code, 1);
    assert.match(
      doctor.stdout,
      new RegExp(`^fail  otelcol.receiver.otlp.in: cannot listen on 127.0.0.1:${port}: the address is in use`, 'm'),
    );
    const unset = await millrace(['run', '--dry-run', path, ...flags], '', { WHERE: '' });
    assert.equal(unset.code, 1);
    assert.match(unset.stderr, /gateway\.alloy:6:23: error: /);
  } finally {
    taken.close();
  }
});
