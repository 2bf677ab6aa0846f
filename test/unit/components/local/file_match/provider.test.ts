import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { create } from '#components/local/file_match/provider.ts';
import type { Exports } from '#components/local/file_match/schema.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { providerContext } from '#test/support/provider-context.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-match-'));
  await mkdir(join(folder, 'sub', 'deep'), { recursive: true });
  for (const name of ['a.log', 'b.log', 'c.txt', 'sub/d.log', 'sub/deep/e.log', 'sub/deep/skip.log'])
    await writeFile(join(folder, name), '');
});
afterEach(() => rm(folder, { recursive: true }));

test('one target for each file, sorted, with the labels of its pattern', async () => {
  const clock = new FakeClock();
  const { ctx, published, until } = providerContext<Exports>(clock);
  const provider = create(
    {
      path_targets: [
        { __path__: join(folder, '*.log'), job: 'top' },
        { __path__: join(folder, '**/*.{log,txt}'), __path_exclude__: join(folder, '**/skip.log') },
      ],
      ignore_older_than: 0,
      sync_period: 10_000,
    },
    ctx,
  );
  const { targets } = await provider.start();
  const short = (found: Exports['targets']): (string | undefined)[] =>
    found.map((t) => `${t['job'] ?? ''}:${t['__path__']?.slice(folder.length + 1)}`);
  assert.deepEqual(short(targets), [
    'top:a.log',
    'top:b.log',
    ':a.log',
    ':b.log',
    ':c.txt',
    ':sub/d.log',
    ':sub/deep/e.log',
  ]);
  assert.ok(targets.every((target) => !('__path_exclude__' in target)));
  await writeFile(join(folder, 'new.log'), '');
  await clock.advance(10_000);
  await until(() => published.length > 0);
  assert.ok(short(published[0]?.targets ?? []).includes('top:new.log'));
  await provider.stop();
});

test('old files are left out', async () => {
  await utimes(join(folder, 'a.log'), 1000, 1000);
  const { ctx } = providerContext<Exports>();
  const provider = create(
    { path_targets: [{ __path__: join(folder, '*.log') }], ignore_older_than: 3_600_000, sync_period: 10_000 },
    ctx,
  );
  assert.deepEqual((await provider.start()).targets, [{ __path__: join(folder, 'b.log') }]);
  await provider.stop();
});
