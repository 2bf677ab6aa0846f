import assert from 'node:assert/strict';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { component } from '#components/local/file_match/component.ts';
import { matchesGlob, parseGlob } from '#components/local/file_match/glob.ts';
import { create } from '#components/local/file_match/provider.ts';
import type { Exports } from '#components/local/file_match/schema.ts';
import type { Provider } from '#components/kit/component.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { providerContext, temporaryFolder, until, type TestProviderContext } from '#test/support/provider-context.ts';

const MATCHES: readonly (readonly [pattern: string, path: string, wanted: boolean])[] = [
  ['/tmp/*.log', '/tmp/a.log', true],
  ['/tmp/*.log', '/tmp/.log', true],
  ['/tmp/*.log', '/tmp/sub/a.log', false],
  ['/tmp/**/*.log', '/tmp/a.log', true],
  ['/tmp/**/*.log', '/tmp/a/b/c.log', true],
  ['/tmp/**/*.log', '/var/a.log', false],
  ['/tmp/**', '/tmp', true],
  ['/tmp/**', '/tmp/a/b', true],
  ['/tmp/a**', '/tmp/abc', true],
  ['/tmp/a**', '/tmp/a/b', false],
  ['/**/x/**/y', '/a/x/b/x/c/y', true],
  ['/**/x/**/y', '/a/b/y', false],
  ['/tmp/?.log', '/tmp/\u{1f600}.log', true],
  ['/tmp/?.log', '/tmp/.log', false],
  ['/tmp/[a-c]x', '/tmp/bx', true],
  ['/tmp/[^a-c]x', '/tmp/bx', false],
  ['/tmp/[!a-c]x', '/tmp/dx', true],
  ['/tmp/[\\]]', '/tmp/]', true],
  ['/tmp/*.{log,txt}', '/tmp/a.txt', true],
  ['/tmp/*.{log,t{x,s}t}', '/tmp/a.tst', true],
  ['/tmp/{a/b,c}/d', '/tmp/a/b/d', true],
  ['/tmp/a{,b}', '/tmp/a', true],
  ['/tmp/\\*', '/tmp/*', true],
  ['/tmp/\\*', '/tmp/a', false],
  ['/tmp/./a//b', '/tmp/a/b', true],
  ['tmp/*', '/tmp/a', false],
  [`/${'*a'.repeat(30)}b`, `/${'a'.repeat(5000)}`, false],
  [`${'/**/a'.repeat(30)}/b`, '/a'.repeat(2000), false],
];
for (const [pattern, path, wanted] of MATCHES) {
  test(`${pattern.slice(0, 40)} ${wanted ? 'matches' : 'does not match'} ${path.slice(0, 40)}`, () =>
    assert.equal(
      parseGlob(pattern).some((glob) => matchesGlob(glob, path)),
      wanted,
    ));
}

for (const pattern of ['[', '[]', 'a{b', 'a}b', 'a\\', '[z-a]', '{a,b,c,d}'.repeat(20)]) {
  test(`"${pattern.slice(0, 20)}" is no pattern`, () => {
    assert.throws(() => parseGlob(pattern), { name: 'MillraceError', code: 'bad_pattern' });
  });
}

interface World {
  readonly ctx: TestProviderContext<Exports>;
  readonly provider: Provider<Exports>;
}

function world(t: TestContext, targets: readonly Readonly<Record<string, string>>[], more = ''): World {
  const ctx = providerContext<Exports>('local.file_match.x');
  const objects = targets.map((target) => {
    const fields = Object.entries(target).map(([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}`);
    return `{${fields.join(', ')}}`;
  });
  const provider = create(argsOf(component.args, `path_targets = [${objects.join(', ')}]\n${more}`), ctx);
  t.after(() => provider.stop());
  return { ctx, provider };
}

async function tree(t: TestContext, files: readonly string[]): Promise<string> {
  const root = await temporaryFolder(t);
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), 'x');
  }
  return root;
}

test('a target for each file, sorted, with the labels of its entry', async (t) => {
  const root = await tree(t, ['b.log', 'a.log', 'sub/c.log', 'sub/deep/d.log', 'sub/e.txt', 'skip/f.log']);
  const { provider, ctx } = world(t, [
    { __path__: `${root}/**/*.log`, __path_exclude__: `${root}/skip/*`, job: 'x' },
    { __path__: `${root}/sub/*.{txt,txt}`, job: 'y' },
  ]);
  const exclude = { __path_exclude__: `${root}/skip/*`, job: 'x' };
  assert.deepEqual(await provider.start(), {
    targets: [
      ...['a.log', 'b.log', 'sub/c.log', 'sub/deep/d.log'].map((f) => ({ __path__: join(root, f), ...exclude })),
      { __path__: join(root, 'sub/e.txt'), job: 'y' },
    ],
  });
  assert.deepEqual(ctx.reported, [{ state: 'healthy', message: 'started component' }]);
});

test('what appears is published at the next sync, and what is the same is not', async (t) => {
  const root = await tree(t, ['a.log']);
  const { provider, ctx } = world(t, [{ __path__: `${root}/*.log` }]);
  await provider.start();
  await ctx.clock.advance(10_000);
  await until(ctx.clock, () => ctx.clock.pending > 0);
  await writeFile(join(root, 'b.log'), 'x');
  await ctx.clock.advance(10_000);
  await until(ctx.clock, () => ctx.published.length > 0);
  assert.deepEqual(
    ctx.published.map(({ targets }) => targets.length),
    [2],
  );
  await provider.stop();
  assert.equal(ctx.clock.pending, 0);
});

test('links to folders are followed, not in circles; folders and dead links are left out', async (t) => {
  const root = await tree(t, ['real/a.log', 'real/folder.log/b.txt']);
  await symlink('real', join(root, 'link'));
  await symlink('..', join(root, 'real', 'up'));
  await symlink('nowhere', join(root, 'dead.log'));
  const { provider } = world(t, [{ __path__: `${root}/**/*.log` }]);
  const { targets } = await provider.start();
  const found = targets.map((target) => target['__path__'].slice(root.length));
  assert.ok(found.includes('/real/a.log') && found.includes('/link/a.log'), found.join());
  assert.ok(!found.some((path) => /dead|folder|up.*up/.test(path)), found.join());
});

test('files that were last changed too long ago are left out', async (t) => {
  const root = await tree(t, ['old.log', 'new.log']);
  const { provider, ctx } = world(t, [{ __path__: `${root}/*.log` }], 'ignore_older_than = "1h"');
  const nowS = ctx.clock.now() / 1000;
  await utimes(join(root, 'old.log'), nowS, nowS - 3601);
  await utimes(join(root, 'new.log'), nowS, nowS - 3599);
  const { targets } = await provider.start();
  assert.deepEqual(targets, [{ __path__: join(root, 'new.log') }]);
});

test('an entry that cannot be used makes it unhealthy and leaves the others alone', async (t) => {
  const root = await tree(t, ['a.log']);
  const { provider, ctx } = world(t, [{ job: 'x' }, { __path__: '/tmp/[' }, { __path__: `${root}/*` }]);
  assert.equal((await provider.start()).targets.length, 1);
  assert.equal(ctx.state(), 'unhealthy');
  assert.match(
    ctx.reported[0].message,
    /^path_targets\[0\] has no __path__; path_targets\[1\]: the pattern "\/tmp\/\["/,
  );
  assert.equal(ctx.log.lines.length, 1);
});

test('periods that make no sense are diagnostics', () => {
  assert.deepEqual(
    decodeArgs(component.args, 'path_targets = []\nsync_period = "0s"\nignore_older_than = "-1s"').problems,
    ['2: sync_period must be greater than 0', '3: ignore_older_than must not be negative'],
  );
});
