/**
 * Scenario: `millrace trace-test` as a process of its own, as CI runs it. Guarantees: exit codes, results as JUnit XML, no colours where
 * nobody sees them, nothing is bound or sent, and the process ends by itself.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const PROJECT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'millrace-trace-test-'));
after(() => rmSync(folder, { recursive: true }));

async function traceTest(...argv: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(
    process.execPath,
    ['--conditions=source', join(PROJECT, 'src/main/cli/main.ts'), 'trace-test', ...argv],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, WHERE: 'from the process' } },
  );
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr };
}

/** Listens and sends where a server is that must not hear of it. */
const config = (port: number): string => `
otelcol.receiver.otlp "in" {
  grpc { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.processor.batch.default.input] }
}
otelcol.processor.batch "default" {
  output { traces = [otelcol.exporter.otlp.out.input] }
}
otelcol.exporter.otlp "out" {
  client {
    endpoint = "127.0.0.1:${port}"
    headers  = { where = sys.env("WHERE") }
  }
}
`;

const spanTest = (name: string, expected: string): string => `
version: 1
config: gateway.alloy
cases:
  - name: ${name}
    input: { spans: [{ name: a }] }
    expect: { spans: [{ name: ${expected} }] }
`;

test('exit codes and JUnit; nothing is bound or sent', async () => {
  let connections = 0;
  const server = createServer(() => connections++).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    writeFileSync(join(folder, 'gateway.alloy'), config((server.address() as AddressInfo).port));
    writeFileSync(join(folder, 'good.yaml'), spanTest('passes', 'a'));
    writeFileSync(join(folder, 'bad.yaml'), spanTest('fails & <shows>', 'b'));
    writeFileSync(join(folder, 'broken.yaml'), 'version: 1\ncaces: []\n');

    assert.deepEqual(await traceTest('good.yaml'), {
      code: 0,
      stdout: 'ok    good.yaml: passes\n1 passed, 0 failed\n',
      stderr: '',
    });

    const failed = await traceTest('--junit=results.xml', 'good.yaml', 'bad.yaml');
    assert.equal(failed.code, 1, failed.stderr);
    assert.ok(!failed.stdout.includes('\u001b'));
    assert.match(failed.stdout, /FAIL {2}bad\.yaml: fails & <shows>\n.* expected 1 span, got 1 with differences\n/);
    assert.match(failed.stdout, /\n {6}- name: b\n {6}\+ name: a\n1 passed, 1 failed\n$/);
    const xml = readFileSync(join(folder, 'results.xml'), 'utf8');
    assert.match(xml, /<testsuites name="millrace trace-test" tests="2" failures="1" errors="0" time="[\d.]+">/);
    assert.match(xml, /<testcase name="passes" classname="good\.yaml" file="good\.yaml" line="5" time="[\d.]+"\/>/);
    assert.match(xml, /<testcase name="fails &amp; &lt;shows&gt;" [^>]*>\n {6}<failure message="[^"]* expected 1 span/);

    const broken = await traceTest('--junit', 'results.xml', 'good.yaml', 'broken.yaml');
    assert.equal(broken.code, 2);
    assert.match(
      broken.stdout,
      /broken\.yaml:2:1: error: unknown key "caces"\n.*\n.*\n {2}help: did you mean "cases"\?/,
    );
    assert.match(broken.stdout, /1 passed, 0 failed, 1 file is no test\n$/);
    assert.match(
      readFileSync(join(folder, 'results.xml'), 'utf8'),
      /errors="1"[\s\S]*<error message="the file is no test">/,
    );

    const missing = await traceTest('nowhere.yaml');
    assert.equal(missing.code, 2);
    assert.match(missing.stdout, /cannot read nowhere\.yaml: there is no such file or folder/);
    assert.equal(connections, 0);
  } finally {
    server.close();
  }
});

test('cases by name, the schema, and wrong usage', async () => {
  writeFileSync(join(folder, 'gateway.alloy'), config(4317));
  writeFileSync(join(folder, 'two.yaml'), `${spanTest('one', 'a')}  - name: another\n    expect: { none: true }\n`);
  const one = await traceTest('two.yaml', '--case', 'anoth');
  assert.deepEqual([one.code, one.stdout], [0, 'ok    two.yaml: another\n1 passed, 0 failed\n']);
  const none = await traceTest('two.yaml', '--case=nothing');
  assert.deepEqual([none.code, none.stderr.split('\n')[0]], [2, 'Error: no case has "nothing" in its name']);
  const schema = await traceTest('--schema');
  assert.equal(schema.code, 0);
  assert.equal((JSON.parse(schema.stdout) as { title: string }).title, 'Tests of a pipeline, for millrace trace-test');
  const usage = await traceTest();
  assert.deepEqual([usage.code, usage.stderr.split('\n')[0]], [2, 'Error: trace-test needs a FILE']);
  const readOnly = await traceTest('two.yaml', '--junit', join(folder, 'no', 'folder.xml'));
  assert.equal(readOnly.code, 1);
  assert.match(readOnly.stderr, /Error: cannot write .*folder\.xml/);
});
