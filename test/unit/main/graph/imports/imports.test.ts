import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Provider } from '#components/kit/component.ts';
import type { ImportedModule } from '#main/graph/imports/import-block.ts';
import { importFile } from '#main/graph/imports/import-file.ts';
import { importGit } from '#main/graph/imports/import-git.ts';
import { importHttp } from '#main/graph/imports/import-http.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { foundTool } from '#test/support/found-tool.ts';
import { providerContext, type Watched } from '#test/support/provider-context.ts';

let folder: string;
let watched: Watched<ImportedModule>;
let clock: FakeClock;
let providers: Provider<ImportedModule>[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-import-'));
  clock = new FakeClock();
  watched = providerContext(clock);
  providers = [];
});
afterEach(async () => {
  for (const provider of providers) await provider.stop();
  await rm(folder, { recursive: true });
});
const started = (provider: Provider<ImportedModule>): Promise<ImportedModule> => {
  providers.push(provider);
  return provider.start();
};
const shown = ({ sources, path }: ImportedModule): unknown => [
  sources.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
  path,
];

describe('import.file', () => {
  const make = (text: string): Provider<ImportedModule> =>
    importFile.create(argsOf(importFile.args, text), watched.ctx);

  test('a file, and its folder as module_path', async () => {
    const file = join(folder, 'm.alloy');
    await writeFile(file, 'x');
    assert.deepEqual(shown(await started(make(`filename = "${file}"\ndetector = "poll"`))), [[[file, 'x']], folder]);
    await writeFile(file, 'y');
    await clock.advance(60_000);
    await watched.until(() => watched.published.length > 0);
    assert.deepEqual(shown(watched.published[0]), [[[file, 'y']], folder]);
  });

  test('the .alloy files of a folder', async () => {
    for (const name of ['b.alloy', 'a.alloy', 'c.txt']) await writeFile(join(folder, name), name);
    assert.deepEqual(shown(await started(make(`filename = "${folder}"`))), [
      [
        [join(folder, 'a.alloy'), 'a.alloy'],
        [join(folder, 'b.alloy'), 'b.alloy'],
      ],
      folder,
    ]);
  });

  test('nothing there', () => assert.rejects(started(make(`filename = "${folder}/gone"`)), /gone/));
});

test('import.http: what the server answers', async () => {
  const server = createServer((request, response) => response.end(request.url));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const provider = importHttp.create(
    argsOf(importHttp.args, `url = "http://u:p@127.0.0.1:${port}/m.alloy"`),
    watched.ctx,
  );
  assert.deepEqual(shown(await started(provider)), [[[`http://127.0.0.1:${port}/m.alloy`, '/m.alloy']], '']);
  server.close().closeAllConnections();
});

describe('import.git', { skip: foundTool('MILLRACE_GIT', 'git').skip }, () => {
  let repository: string;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    }).trim();
  const commit = async (text: string): Promise<string> => {
    await writeFile(join(repository, 'm.alloy'), text);
    git('add', '.');
    git('commit', '--quiet', '-m', text);
    return git('rev-parse', 'HEAD');
  };
  beforeEach(async () => {
    repository = join(folder, 'repo');
    await mkdir(join(repository, 'sub'), { recursive: true });
    git('init', '--quiet', '--initial-branch=main');
    await writeFile(join(repository, 'sub', 'a.alloy'), 'a');
  });
  const make = (rest: string): Provider<ImportedModule> =>
    importGit.create(argsOf(importGit.args, `repository = "${repository}"\npath = "m.alloy"\n${rest}`), watched.ctx);
  const text = ({ sources }: ImportedModule): string => Buffer.from(sources[0]?.bytes ?? []).toString();

  test('a branch that moves, a tag and a commit that stay', async () => {
    const first = await commit('one');
    git('tag', 'v1');
    await commit('two');
    assert.equal(text(await started(make(''))), 'two');
    assert.equal(text(await started(make('revision = "main"'))), 'two');
    assert.equal(text(await started(make('revision = "v1"'))), 'one');
    assert.equal(text(await started(make(`revision = "${first}"`))), 'one');
    assert.equal(text(await started(make(`revision = "${first.slice(0, 10)}"`))), 'one');
    await commit('three');
    await clock.advance(60_000);
    await watched.until(() => watched.published.some((module) => text(module) === 'three'));
  });

  test('a folder of the repository', async () => {
    await commit('one');
    const provider = importGit.create(
      argsOf(importGit.args, `repository = "${repository}"\npath = "sub"`),
      watched.ctx,
    );
    const { sources } = await started(provider);
    assert.deepEqual(
      sources.map(({ name }) => name),
      [`${repository}//sub/a.alloy`],
    );
  });

  test('what is not there is told: repository, revision, path', async () => {
    await commit('one');
    await assert.rejects(started(make('revision = "nope"')), /nope/);
    const lost = argsOf(importGit.args, `repository = "${repository}"\npath = "gone.alloy"`);
    await assert.rejects(started(importGit.create(lost, watched.ctx)), /there is no such path at HEAD/);
    const nowhere = argsOf(importGit.args, `repository = "${folder}/none"\npath = "m.alloy"`);
    await assert.rejects(started(importGit.create(nowhere, watched.ctx)), /none/);
  });
});
