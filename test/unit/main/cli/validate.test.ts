import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Terminal } from './terminal.ts';

const GOOD = 'otelcol.exporter.fake "out" { endpoint = "x" }\n';
let folder: string;
let terminal: Terminal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-validate-'));
  terminal = new Terminal();
});
afterEach(() => rm(folder, { recursive: true }));

interface Report {
  readonly valid: boolean;
  readonly diagnostics: readonly Record<string, unknown>[];
}
async function report(...argv: string[]): Promise<Report & { readonly code: number }> {
  const code = await terminal.run('validate', '--format=json', ...argv);
  return { code, ...(JSON.parse(terminal.out) as Report) };
}

test('JSON: one shape, whatever is wrong', async () => {
  const path = join(folder, 'c.alloy');
  await writeFile(path, GOOD);
  assert.deepEqual(await report(path), { code: 0, valid: true, diagnostics: [] });
  await writeFile(path, `${GOOD}otelcol.exporter.fake "b" { endpiont = "x" }\n`);
  const { code, valid, diagnostics } = await report(path);
  assert.deepEqual([code, valid], [1, false]);
  assert.deepEqual(diagnostics[1], {
    severity: 'error',
    code: 'unknown_name',
    message: 'unrecognized attribute name "endpiont"',
    help: 'did you mean "endpoint"?',
    file: path,
    line: 2,
    column: 29,
    endLine: 2,
    endColumn: 37,
  });
  const gone = join(folder, 'gone');
  const unread = await report(gone);
  assert.equal(unread.code, 1);
  assert.deepEqual(unread.diagnostics, [
    {
      severity: 'error',
      code: 'config_unreadable',
      message: `cannot read ${gone}: there is no such file or folder`,
      help: null,
      file: gone,
      line: null,
      column: null,
      endLine: null,
      endColumn: null,
    },
  ]);
  assert.equal(terminal.err, '');
});

test('GitHub: commas, colons, per cent and line breaks are escaped where they would end something', async () => {
  const odd = join(folder, 'a,b:c%.alloy');
  await writeFile(odd, 'otelcol.exporter.fake "b" { endpiont = "x" }\n');
  assert.equal(await terminal.run('validate', '--format=github', odd), 1);
  const [, second] = terminal.out.split('\n');
  assert.ok(
    second.endsWith(
      'a%2Cb%3Ac%25.alloy,line=1,endLine=1,col=29,endColumn=37,title=unknown_name::unrecognized attribute name "endpiont"%0Adid you mean "endpoint"?',
    ),
    second,
  );
  await terminal.run('validate', '--format=github', join(folder, 'gone'));
  assert.match(terminal.out, /^::error file=[^:]*gone,title=config_unreadable::cannot read /);
});

test('a folder, and standard input in both languages', async () => {
  const inner = join(folder, 'inner');
  await mkdir(inner);
  await writeFile(join(inner, 'a.alloy'), GOOD);
  await writeFile(join(inner, 'b.alloy'), GOOD);
  assert.equal(await terminal.run('validate', inner), 1);
  assert.match(terminal.err, /b\.alloy:1:1: error: .*already declared at .*a\.alloy:1:1/);
  terminal.input = GOOD;
  assert.equal(await terminal.run('validate', '-'), 0);
  assert.equal(terminal.out, '<stdin> is valid\n');
  terminal.input = 'exporters: { nope: }\n';
  assert.equal(await terminal.run('validate', '-', '--config.format=otelcol'), 1);
  assert.match(terminal.err, /^<stdin>:1:14: error: /);
});

test('flags without effect are named in one line', async () => {
  terminal.input = GOOD;
  assert.equal(await terminal.run('validate', '-', '--feature.community-components.enabled'), 0);
  assert.equal(
    terminal.err,
    'Warning: flags without effect in this version were set: --feature.community-components.enabled\n',
  );
});

test('what is no text is an error at its place', async () => {
  const path = join(folder, 'binary');
  await writeFile(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe]));
  const { code, diagnostics } = await report(path);
  assert.equal(code, 1);
  assert.ok(diagnostics.every(({ line }) => line === 1));
});

test('${file:PATH} in Collector YAML: a value, or why not; never without end', async () => {
  const value = join(folder, 'where');
  await writeFile(value, 'tempo:4317');
  const yaml = (path: string): string =>
    `receivers: { fake: }\nexporters: { fake: { endpoint: "\${file:${path}}" } }\nservice: { pipelines: { traces: { receivers: [fake], exporters: [fake] } } }\n`;
  const validate = (path: string): Promise<number> => {
    terminal.input = yaml(path);
    return terminal.run('validate', '--config.format=otelcol', '-');
  };
  assert.equal(await validate(value), 0, terminal.err);
  assert.equal(await validate(join(folder, 'gone')), 1);
  assert.match(terminal.err, /<stdin>:2:\d+: error: cannot read .*gone: there is no such file/);
  assert.equal(await validate('/dev/zero'), 1);
  assert.match(terminal.err, /cannot read \/dev\/zero: (it is larger than 1 MiB|there is no such file)/);
});
