import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { create } from '#components/local/file/provider.ts';
import type { Args, Exports } from '#components/local/file/schema.ts';
import { secretOf } from '#components/kit/secret.ts';
import { MillraceError } from '#shared/errors.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { providerContext } from '#test/support/provider-context.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-file-'));
  file = join(folder, 'value');
  await writeFile(file, 'one');
});
afterEach(() => rm(folder, { recursive: true }));

const args = (rest: Partial<Args> = {}): Args => ({
  filename: file,
  detector: 'poll',
  is_secret: false,
  poll_frequency: 1000,
  ...rest,
});

test('exports the content, and a change after the next poll', async () => {
  const clock = new FakeClock();
  const { ctx, published, health, until } = providerContext<Exports>(clock);
  const provider = create(args(), ctx);
  assert.deepEqual(await provider.start(), { content: 'one' });
  await writeFile(file, 'two');
  assert.deepEqual(published, []);
  await clock.advance(1000);
  await until(() => published.length > 0);
  assert.deepEqual(published, [{ content: 'two' }]);
  assert.match(health.at(-1) ?? '', /^healthy/);
  await provider.stop();
});

test('a file that goes leaves its last content, and the component unhealthy until it is back', async () => {
  const clock = new FakeClock();
  const { ctx, published, health, until } = providerContext<Exports>(clock);
  const provider = create(args(), ctx);
  await provider.start();
  await rm(file);
  await clock.advance(1000);
  await until(() => health.at(-1)?.startsWith('unhealthy') === true);
  assert.match(health.at(-1) ?? '', new RegExp(`unhealthy: .*${file}: there is no such file`));
  assert.deepEqual(published, []);
  await writeFile(file, 'back');
  await clock.advance(1000);
  await until(() => published.length > 0);
  assert.deepEqual(published.at(-1), { content: 'back' });
  await provider.stop();
});

test('is_secret makes a secret of it', async () => {
  const provider = create(args({ is_secret: true }), providerContext<Exports>().ctx);
  assert.deepEqual(await provider.start(), { content: secretOf('one') });
  await provider.stop();
});

test('what cannot be read to begin with is an error that names the file', async () => {
  for (const [path, why] of [
    [join(folder, 'gone'), /: there is no such file or folder$/],
    [folder, /it is a folder/],
  ] as const) {
    const provider = create(args({ filename: path }), providerContext<Exports>().ctx);
    await assert.rejects(provider.start(), (error) => {
      assert.ok(error instanceof MillraceError);
      assert.match(error.message, why);
      assert.ok(error.message.includes(path));
      return true;
    });
    await provider.stop();
  }
});

test('a watched file is read again at once: written, replaced, and swapped as Kubernetes does', async () => {
  const data = join(folder, 'mounted');
  await mkdir(join(data, 'v1'), { recursive: true });
  await mkdir(join(data, 'v2'));
  await writeFile(join(data, 'v1', 'key'), 'first');
  await writeFile(join(data, 'v2', 'key'), 'second');
  await symlink('v1', join(data, '..data'));
  await symlink(join('..data', 'key'), join(data, 'key'));
  const changes: [path: string, change: () => Promise<void>, content: string][] = [
    [file, () => writeFile(file, 'written'), 'written'],
    [
      file,
      async () => {
        await writeFile(`${file}.new`, 'renamed');
        await rename(`${file}.new`, file);
      },
      'renamed',
    ],
    [
      join(data, 'key'),
      async () => {
        await symlink('v2', join(data, '..data_tmp'));
        await rename(join(data, '..data_tmp'), join(data, '..data'));
      },
      'second',
    ],
  ];
  for (const [path, change, content] of changes) {
    const { ctx, published, until } = providerContext<Exports>();
    const provider = create(args({ filename: path, detector: 'fsnotify', poll_frequency: 3_600_000 }), ctx);
    await provider.start();
    await change();
    await until(() => published.some((exports) => exports.content === content));
    await provider.stop();
  }
});

test('a device without an end is not read without an end', async () => {
  const provider = create(args({ filename: '/dev/zero' }), providerContext<Exports>().ctx);
  await assert.rejects(provider.start(), { message: /it is larger than 10 MiB|there is no such file/ });
  await provider.stop();
});
