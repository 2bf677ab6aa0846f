import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Provider } from '#components/kit/component.ts';
import type { ImportedModule } from '#main/graph/imports/import-block.ts';
import { importFile } from '#main/graph/imports/import-file.ts';
import { importHttp } from '#main/graph/imports/import-http.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { providerContext, temporaryFolder, until, type TestProviderContext } from '#test/support/provider-context.ts';

interface World {
  readonly ctx: TestProviderContext<ImportedModule>;
  readonly provider: Provider<ImportedModule>;
}
function world(t: TestContext, filename: string, more = ''): World {
  const ctx = providerContext<ImportedModule>('import.file.x');
  const provider = importFile.create(argsOf(importFile.args, `filename = ${JSON.stringify(filename)}\n${more}`), ctx);
  t.after(() => provider.stop());
  return { ctx, provider };
}
const texts = (module: ImportedModule | undefined): string[] =>
  (module?.sources ?? []).map(({ name, bytes }) => `${name.split('/').at(-1)}: ${Buffer.from(bytes).toString()}`);

test('a file: its name, its text, its folder', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'm.alloy'), 'one');
  const { ctx, provider } = world(t, join(folder, 'm.alloy'));
  assert.deepEqual(await provider.start(), {
    sources: [{ name: join(folder, 'm.alloy'), bytes: Buffer.from('one') }],
    path: folder,
  });
  await writeFile(join(folder, 'new'), 'two');
  await rename(join(folder, 'new'), join(folder, 'm.alloy'));
  await until(ctx.clock, () => texts(ctx.published.at(-1)).join() === 'm.alloy: two');
  await rm(join(folder, 'm.alloy'));
  await until(ctx.clock, () => ctx.state() === 'unhealthy');
  assert.match(ctx.reported.at(-1)!.message, /^cannot read .*m\.alloy: there is no such file or folder/);
  await provider.stop();
  assert.equal(ctx.clock.pending, 0);
});

test('a folder: its .alloy files by name, those that come and go, and links that are swapped', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'b.alloy'), 'b');
  await writeFile(join(folder, 'x.txt'), 'x');
  await mkdir(join(folder, 'sub.alloy'));
  await mkdir(join(folder, '..v1'));
  await mkdir(join(folder, '..v2'));
  await writeFile(join(folder, '..v1', 'a'), 'v1');
  await writeFile(join(folder, '..v2', 'a'), 'v2');
  await symlink('..v1', join(folder, '..data'));
  await symlink('..data/a', join(folder, 'a.alloy'));
  const { ctx, provider } = world(t, folder);
  const first = await provider.start();
  assert.deepEqual([texts(first), first.path], [['a.alloy: v1', 'b.alloy: b'], folder]);
  await symlink('..v2', join(folder, '..tmp'));
  await rename(join(folder, '..tmp'), join(folder, '..data'));
  await until(ctx.clock, () => texts(ctx.published.at(-1)).join() === 'a.alloy: v2,b.alloy: b');
  await writeFile(join(folder, 'c.alloy'), 'c');
  await rm(join(folder, 'b.alloy'));
  await until(ctx.clock, () => texts(ctx.published.at(-1)).join() === 'a.alloy: v2,c.alloy: c');
});

test('poll: nothing but the clock', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'm.alloy'), 'one');
  const { ctx, provider } = world(t, folder, 'detector = "poll"');
  await provider.start();
  await writeFile(join(folder, 'm.alloy'), 'two');
  await ctx.clock.advance(60_000);
  await until(ctx.clock, () => ctx.published.length > 0);
  assert.deepEqual(texts(ctx.published[0]), ['m.alloy: two']);
});

test('nothing to begin with is told with its reason', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(world(t, folder).provider.start(), { message: `the folder ${folder} holds no .alloy files` });
  await assert.rejects(world(t, join(folder, 'none')).provider.start(), {
    message: /none: there is no such file or folder/,
  });
  await writeFile(join(folder, 'a.alloy'), Buffer.alloc(6 * 1024 * 1024));
  await writeFile(join(folder, 'b.alloy'), Buffer.alloc(6 * 1024 * 1024));
  await assert.rejects(world(t, folder).provider.start(), {
    message: `the .alloy files in ${folder} are larger than 10 MiB together`,
  });
});

test('import.http: the text, and the URL up to its last slash as the path', async (t) => {
  let text = 'one';
  const server = createServer((_request, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ctx = providerContext<ImportedModule>('import.http.x');
  const provider = importHttp.create(argsOf(importHttp.args, `url = "http://u:p@${host}/dir/m.alloy"`), ctx);
  t.after(() => provider.stop());
  assert.deepEqual(await provider.start(), {
    sources: [{ name: 'import.http.x', bytes: Buffer.from('one') }],
    path: `http://${host}/dir/`,
  });
  text = 'two';
  await ctx.clock.advance(60_000);
  await until(ctx.clock, () => ctx.published.length > 0);
  assert.deepEqual(texts(ctx.published[0]), ['import.http.x: two']);
  await provider.stop();
  assert.equal(ctx.clock.pending, 0);
  const stopped = importHttp.create(argsOf(importHttp.args, `url = "http://${host}"`), ctx);
  const starting = assert.rejects(stopped.start());
  await stopped.stop();
  await starting;
});
