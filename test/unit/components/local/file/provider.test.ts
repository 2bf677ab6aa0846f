import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { component } from '#components/local/file/component.ts';
import { create } from '#components/local/file/provider.ts';
import type { Exports } from '#components/local/file/schema.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { providerContext, temporaryFolder, until, type TestProviderContext } from '#test/support/provider-context.ts';

interface World {
  readonly ctx: TestProviderContext<Exports>;
  readonly start: () => Promise<Exports>;
  readonly stop: () => Promise<void>;
  /** Waits until `content` is the last that was published. */
  readonly published: (content: string) => Promise<void>;
  readonly becomes: (state: 'healthy' | 'unhealthy') => Promise<void>;
}

function world(t: TestContext, filename: string, more = ''): World {
  const ctx = providerContext<Exports>('local.file.x');
  const provider = create(argsOf(component.args, `filename = ${JSON.stringify(filename)}\n${more}`), ctx);
  t.after(() => provider.stop());
  return {
    ctx,
    start: () => provider.start(),
    stop: () => provider.stop(),
    published: (content) => until(ctx.clock, () => ctx.published.at(-1)?.content === content),
    becomes: (state) => until(ctx.clock, () => ctx.state() === state),
  };
}

test('exports the content as it is, and when it was read', async (t) => {
  const file = join(await temporaryFolder(t), 'f');
  await writeFile(file, '\ufeffgr\u00fcn\n');
  const { ctx, start } = world(t, file);
  assert.deepEqual(await start(), { content: '\ufeffgr\u00fcn\n' });
  assert.equal(ctx.meter.value('local_file_timestamp_last_accessed_unix_seconds'), ctx.clock.now() / 1000);
  assert.deepEqual(ctx.reported, [{ state: 'healthy', message: 'read file' }]);
});

test('a secret is a secret', async (t) => {
  const file = join(await temporaryFolder(t), 'f');
  await writeFile(file, 'hush');
  assert.deepEqual(await world(t, file, 'is_secret = true').start(), { content: { secret: 'hush' } });
});

test('an empty file is empty content, a file of /proc is read though it says that it is empty', async (t) => {
  const file = join(await temporaryFolder(t), 'f');
  await writeFile(file, '');
  assert.deepEqual(await world(t, file).start(), { content: '' });
  if (process.platform !== 'linux') return;
  assert.match((await world(t, '/proc/self/status').start()).content as string, /^Name:/);
});

test('what cannot be read at the start is told with its name and the reason', async (t) => {
  const folder = await temporaryFolder(t);
  const rejects = async (name: string, message: RegExp): Promise<void> => {
    const { start, stop, ctx } = world(t, join(folder, name));
    await assert.rejects(start(), { name: 'MillraceError', message });
    await stop();
    assert.equal(ctx.clock.pending, 0);
  };
  await rejects('none', /^cannot read .*none: there is no such file or folder$/);
  await writeFile(join(folder, 'file'), 'x');
  await rejects('file/under', /a part of the path is a file, not a folder/);
  await rejects('', /it is a folder, where a file is needed/);
  await writeFile(join(folder, 'large'), '');
  await truncate(join(folder, 'large'), 10 * 1024 * 1024 + 1);
  await rejects('large', /^cannot read .*large: it is larger than 10 MiB$/);
  await writeFile(join(folder, 'binary'), Buffer.from([0x61, 0xff]));
  await rejects('binary', /the content of .*binary is not UTF-8 text/);
  await symlink('loop', join(folder, 'loop'));
  await rejects('loop', /its symbolic links go round in a circle/);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await rejects('pipe', /it is a pipe or device, not a file/);
});

test('a file of just the largest size is read', async (t) => {
  const file = join(await temporaryFolder(t), 'f');
  await writeFile(file, Buffer.alloc(10 * 1024 * 1024, 'x'));
  assert.equal(((await world(t, file).start()).content as string).length, 10 * 1024 * 1024);
});

test('poll: the file is read at each poll, and what changed is published once it is settled', async (t) => {
  const file = join(await temporaryFolder(t), 'f');
  await writeFile(file, 'one');
  const { ctx, start, stop, published } = world(t, file, 'detector = "poll"\npoll_frequency = "10s"');
  await start();
  await writeFile(file, 'two');
  await ctx.clock.advance(9999);
  assert.deepEqual(ctx.published, []);
  await ctx.clock.advance(1);
  await published('two');
  assert.equal(ctx.published.length, 1);
  await stop();
  assert.equal(ctx.clock.pending, 0);
});

/** With the clock standing still, only the operating system can tell. */
test('fsnotify: written over, replaced by renaming, removed and back', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'f');
  await writeFile(file, 'one');
  const { ctx, start, published, becomes } = world(t, file);
  await start();
  await writeFile(file, 'two');
  await published('two');
  await writeFile(join(folder, 'new'), 'three');
  await rename(join(folder, 'new'), file);
  await published('three');
  await rm(file);
  await becomes('unhealthy');
  assert.match(ctx.reported.at(-1)!.message, /there is no such file or folder/);
  assert.equal(ctx.published.at(-1)!.content, 'three');
  await writeFile(file, 'four');
  await published('four');
  await becomes('healthy');
  await rm(file);
  await becomes('unhealthy');
  await mkdir(file);
  await until(ctx.clock, () => /a folder, where a file is needed/.test(ctx.reported.at(-1)!.message));
  assert.equal(ctx.published.at(-1)!.content, 'four');
});

test('fsnotify: a ConfigMap of Kubernetes, whose link to the data is swapped', async (t) => {
  const folder = await temporaryFolder(t);
  const write = async (version: string): Promise<void> => {
    await mkdir(join(folder, `..${version}`));
    await writeFile(join(folder, `..${version}`, 'key'), version);
    await symlink(`..${version}`, join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  await write('v1');
  await symlink('..data/key', join(folder, 'key'));
  const { start, published } = world(t, join(folder, 'key'));
  assert.deepEqual(await start(), { content: 'v1' });
  await write('v2');
  await published('v2');
  await rm(join(folder, '..v1'), { recursive: true });
  await write('v3');
  await published('v3');
  // The file that the links lead to now is watched, too.
  await writeFile(join(folder, '..v3', 'key'), 'v3 changed');
  await published('v3 changed');
});

test('fsnotify: its folder goes and comes back', async (t) => {
  const folder = join(await temporaryFolder(t), 'a', 'b');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'f');
  await writeFile(file, 'one');
  const { start, published, becomes } = world(t, file);
  await start();
  await rm(folder, { recursive: true });
  await becomes('unhealthy');
  await mkdir(folder);
  await writeFile(file, 'two');
  await published('two');
  await becomes('healthy');
});

test('fsnotify polls besides', async (t) => {
  const file = join(await temporaryFolder(t), 'f');
  await writeFile(file, 'one');
  const { ctx, start, becomes } = world(t, file, 'poll_frequency = "10s"');
  await start();
  const reads = ctx.meter.value('local_file_timestamp_last_accessed_unix_seconds');
  await ctx.clock.advance(10_000);
  await until(ctx.clock, () => ctx.meter.value('local_file_timestamp_last_accessed_unix_seconds') > reads);
  await becomes('healthy');
});

test('after the stop nothing is left and nothing is published', async (t) => {
  const file = join(await temporaryFolder(t), 'f');
  await writeFile(file, 'one');
  const { ctx, start, stop, published } = world(t, file);
  await start();
  await writeFile(file, 'two');
  await published('two');
  const watches = (): number => process.getActiveResourcesInfo().filter((name) => /FS/.test(name)).length;
  assert.ok(watches() > 0, 'a watch is seen among the resources');
  await Promise.all([stop(), stop()]);
  await until(ctx.clock, () => watches() === 0);
  await writeFile(file, 'three');
  await ctx.clock.advance(600_000);
  assert.equal(ctx.published.length, 1);
  assert.equal(ctx.clock.pending, 0);
});

test('arguments that make no sense are diagnostics', () => {
  const problems = (text: string): readonly string[] => decodeArgs(component.args, text).problems;
  assert.deepEqual(problems('filename = "f"\npoll_frequency = "0s"'), ['2: poll_frequency must be greater than 0']);
  assert.match(problems('filename = "f"\ndetector = "magic"')[0], /should be one of "fsnotify", "poll"/);
});
