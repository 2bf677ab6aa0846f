import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { configBytes } from '#main/graph/file-bytes.ts';
import { readSources } from '#main/graph/source.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-source-'));
  await mkdir(join(folder, 'inner.alloy'));
  await mkdir(join(folder, 'empty'));
  await Promise.all(
    ['b.alloy', 'a.alloy', 'notes.txt', 'inner.alloy/c.alloy'].map((name) =>
      writeFile(join(folder, name), `// ${name}`),
    ),
  );
});
after(() => rm(folder, { recursive: true }));

test('a file is one source, whatever its name', async () => {
  const path = join(folder, 'notes.txt');
  assert.deepEqual(await readSources(path), [{ name: path, bytes: Buffer.from('// notes.txt') }]);
});

test('a folder gives its .alloy files by name, not those of its subfolders', async () => {
  assert.deepEqual(
    (await readSources(folder)).map((s) => s.name),
    [join(folder, 'a.alloy'), join(folder, 'b.alloy')],
  );
});

test('a folder without .alloy files, and a path that is not there, are errors that name it', async () => {
  await assert.rejects(readSources(join(folder, 'empty')), {
    code: 'config_unreadable',
    message: /empty holds no \.alloy files/,
  });
  await assert.rejects(readSources(join(folder, 'nope.alloy')), { code: 'config_unreadable', message: /nope\.alloy/ });
});

test('what cannot be read is said in words, and nothing is read without end', async () => {
  const cases: [path: string, message: RegExp][] = [
    [join(folder, 'nope.alloy'), /^cannot read .*nope\.alloy: there is no such file or folder$/],
    [join(folder, 'notes.txt', 'x'), /: a part of the path is a file, not a folder$/],
    ['', /^cannot read a path without a name: /],
    ['/dev/zero', /^cannot read \/dev\/zero: it is larger than 64 MiB$/],
  ];
  for (const [path, message] of cases) await assert.rejects(readSources(path), { code: 'config_unreadable', message });
  await assert.rejects(configBytes(folder), { message: /: it is a folder, where a file is needed$/ });
});

test('a pipe is read to its end', async () => {
  const pipe = join(folder, 'pipe');
  if (spawnSync('mkfifo', [pipe]).status !== 0) return;
  const [{ bytes }] = (await Promise.all([readSources(pipe), writeFile(pipe, 'logging { }')]))[0];
  assert.equal(String(bytes), 'logging { }');
});
