import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Provider } from '#components/kit/component.ts';
import type { ImportedModule } from '#main/graph/imports/import-block.ts';
import { parseGitAddress } from '#main/graph/imports/git-address.ts';
import { importGit } from '#main/graph/imports/import-git.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { foundTool } from '#test/support/found-tool.ts';
import { providerContext, temporaryFolder, until, type TestProviderContext } from '#test/support/provider-context.ts';

const { skip } = foundTool('MILLRACE_GIT', 'git');
const ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

/** A repository on this machine. */
class Repository {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.path, env: ENV, encoding: 'utf8', stdio: 'pipe' }).trim();
  }

  /** Returns the commit. */
  async commit(files: Readonly<Record<string, string>>): Promise<string> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.path, name)), { recursive: true });
      await writeFile(join(this.path, name), text);
    }
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', 'x');
    return this.git('rev-parse', 'HEAD');
  }
}

async function repository(t: TestContext): Promise<Repository> {
  const made = new Repository(join(await temporaryFolder(t), 'origin'));
  await mkdir(made.path);
  made.git('init', '--quiet', '--initial-branch=main');
  return made;
}

interface World {
  readonly ctx: TestProviderContext<ImportedModule> & { readonly storagePath: string };
  readonly provider: Provider<ImportedModule>;
}
async function world(t: TestContext, repo: string, more: string): Promise<World> {
  const ctx = { ...providerContext<ImportedModule>('import.git.x'), storagePath: join(await temporaryFolder(t), 's') };
  const provider = importGit.create(argsOf(importGit.args, `repository = ${JSON.stringify(repo)}\n${more}`), ctx);
  t.after(() => provider.stop());
  return { ctx, provider };
}
const texts = ({ sources }: ImportedModule): Record<string, string> =>
  Object.fromEntries(sources.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]));

/** Polls until `condition`. */
async function polls({ ctx }: World, condition: () => boolean): Promise<void> {
  await ctx.clock.advance(60_000);
  await until(ctx.clock, condition);
}

test('a file of a branch, and what is pushed to it; the folder goes with the stop', { skip }, async (t) => {
  const origin = await repository(t);
  await origin.commit({ 'dir/m.alloy': 'one', 'other.txt': 'x' });
  const w = await world(t, origin.path, 'path = "dir/m.alloy"');
  const first = await w.provider.start();
  assert.deepEqual(texts(first), { 'import.git.x/dir/m.alloy': 'one' });
  assert.ok(first.path.startsWith(w.ctx.storagePath) && existsSync(join(first.path, 'other.txt')), 'the whole tree');
  assert.deepEqual(w.ctx.reported, [{ state: 'healthy', message: 'module updated' }]);
  await origin.commit({ 'dir/m.alloy': 'two' });
  await polls(w, () => w.ctx.published.length > 0);
  assert.deepEqual(texts(w.ctx.published[0]), { 'import.git.x/dir/m.alloy': 'two' });
  assert.equal(w.ctx.published[0].path, first.path);
  await w.provider.stop();
  assert.deepEqual(readdirSync(w.ctx.storagePath), []);
  assert.equal(w.ctx.clock.pending, 0);
});

test('a history that was rewritten is followed', { skip }, async (t) => {
  const origin = await repository(t);
  await origin.commit({ 'm.alloy': 'one' });
  const w = await world(t, origin.path, 'path = "m.alloy"');
  await w.provider.start();
  await writeFile(join(origin.path, 'm.alloy'), 'rewritten');
  origin.git('commit', '--quiet', '--all', '--amend', '--message', 'y');
  await polls(w, () => w.ctx.published.length > 0);
  assert.deepEqual(Object.values(texts(w.ctx.published[0])), ['rewritten']);
});

test('a folder: its .alloy files by name', { skip }, async (t) => {
  const origin = await repository(t);
  await origin.commit({ 'b.alloy': 'b', 'a.alloy': 'a', 'c.txt': 'c', 'sub/d.alloy': 'd' });
  const w = await world(t, `file://${origin.path}`, 'path = "."');
  assert.deepEqual(Object.entries(texts(await w.provider.start())), [
    ['import.git.x/a.alloy', 'a'],
    ['import.git.x/b.alloy', 'b'],
  ]);
});

test(
  'revisions: branch, tag, annotated tag before the branch of its name, commit, short commit',
  { skip },
  async (t) => {
    const origin = await repository(t);
    const first = await origin.commit({ 'm.alloy': 'first' });
    origin.git('tag', 'light');
    await origin.commit({ 'm.alloy': 'second' });
    origin.git('tag', '--annotate', '--message', 'x', 'both');
    origin.git('branch', 'topic/a');
    const third = await origin.commit({ 'm.alloy': 'third' });
    origin.git('branch', 'both');
    await origin.commit({ 'm.alloy': 'fourth' });
    for (const url of [origin.path, `file://${origin.path}`]) {
      const at = async (revision: string): Promise<string | undefined> => {
        const w = await world(t, url, `path = "m.alloy"\nrevision = "${revision}"`);
        const found = Object.values(texts(await w.provider.start()))[0];
        await w.provider.stop();
        return found;
      };
      assert.equal(await at('light'), 'first');
      assert.equal(await at('both'), 'second');
      assert.equal(await at('topic/a'), 'second');
      assert.equal(await at(first), 'first');
      assert.equal(await at(third.slice(0, 10)), 'third');
      await assert.rejects(at('none'), { message: /has no branch, tag or commit "none"$/ });
    }
  },
);

test('path and repository vanish and come back: the last module stays', { skip }, async (t) => {
  const origin = await repository(t);
  await origin.commit({ 'm.alloy': 'one', 'n.alloy': 'n' });
  const w = await world(t, origin.path, 'path = "m.alloy"');
  await w.provider.start();
  origin.git('rm', '--quiet', 'm.alloy');
  await origin.commit({});
  await polls(w, () => w.ctx.state() === 'unhealthy');
  assert.match(
    w.ctx.reported.at(-1)!.message,
    /^cannot read "m.alloy" in .*origin at main: there is no such file or folder$/,
  );
  await origin.commit({ 'm.alloy': 'two' });
  await polls(w, () => w.ctx.state() === 'healthy');
  assert.equal(w.ctx.published.length, 1);
  await rename(origin.path, `${origin.path}-gone`);
  await polls(w, () => w.ctx.state() === 'unhealthy');
  assert.match(w.ctx.reported.at(-1)!.message, /^cannot fetch .*origin: git: fatal: /);
  await rename(`${origin.path}-gone`, origin.path);
  await polls(w, () => w.ctx.state() === 'healthy');
  assert.equal(w.ctx.published.length, 1);
});

test('a clone that somebody removed is made again, at the same place', { skip }, async (t) => {
  const origin = await repository(t);
  await origin.commit({ 'm.alloy': 'one' });
  const w = await world(t, origin.path, 'path = "m.alloy"');
  const { path } = await w.provider.start();
  await rm(path, { recursive: true });
  await origin.commit({ 'm.alloy': 'two' });
  await polls(w, () => w.ctx.published.length > 0);
  assert.deepEqual([w.ctx.published[0].path, Object.values(texts(w.ctx.published[0]))], [path, ['two']]);
});

test('a path leads nowhere but into the repository', { skip }, async (t) => {
  const origin = await repository(t);
  await writeFile(join(dirname(origin.path), 'secret.alloy'), 'secret');
  await symlink('/etc/hostname', join(origin.path, 'link.alloy'));
  await symlink('m.alloy', join(origin.path, 'inner.alloy'));
  await origin.commit({ 'm.alloy': 'one' });
  const start = async (path: string): Promise<ImportedModule> =>
    (await world(t, origin.path, `path = "${path}"`)).provider.start();
  await assert.rejects(start('link.alloy'), { message: /it is not a part of the repository/ });
  await assert.rejects(start('.git/config'), { message: /it is not a part of the repository/ });
  await assert.rejects(start('../../secret.alloy'), { message: /there is no such file or folder/ });
  assert.deepEqual(Object.values(texts(await start('inner.alloy'))), ['one']);
  assert.deepEqual(Object.values(texts(await start('/m.alloy'))), ['one']);
});

test('pull_frequency 0: once', { skip }, async (t) => {
  const origin = await repository(t);
  await origin.commit({ 'm.alloy': 'one' });
  const w = await world(t, origin.path, 'path = "m.alloy"\npull_frequency = "0s"');
  await w.provider.start();
  assert.equal(w.ctx.clock.pending, 0);
});

test('hooks of the user do not run, and no variable leads git elsewhere', { skip }, async (t) => {
  const origin = await repository(t);
  await origin.commit({ 'm.alloy': 'one' });
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'post-checkout'), `#!/bin/sh\ntouch ${folder}/ran\n`, { mode: 0o755 });
  await writeFile(join(folder, 'config'), `[core]\n\thooksPath = ${folder}\n`);
  const set = { GIT_CONFIG_GLOBAL: join(folder, 'config'), GIT_DIR: folder, GIT_WORK_TREE: folder };
  Object.assign(process.env, set);
  t.after(() => Object.keys(set).forEach((name) => Reflect.deleteProperty(process.env, name)));
  const w = await world(t, origin.path, 'path = "m.alloy"');
  await w.provider.start();
  assert.ok(!existsSync(join(folder, 'ran')));
});

test('without git there is a clear error', async (t) => {
  const path = process.env['PATH'];
  t.after(() => (process.env['PATH'] = path));
  const w = await world(t, '/nowhere', 'path = "x"');
  process.env['PATH'] = '/nonexistent';
  await assert.rejects(w.provider.start(), { message: /needs the git command, which is not in PATH: install git/ });
});

test('credentials go to the server, and appear in no message and no argument', { skip }, async (t) => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(403).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  const basic = `Basic ${Buffer.from('user:hush').toString('base64')}`;
  for (const [url, more] of [
    [`http://user:hush@127.0.0.1:${port}/r.git`, ''],
    [`http://127.0.0.1:${port}/r.git`, 'basic_auth {\nusername = "user"\npassword = "hush"\n}'],
  ] as const) {
    const w = await world(t, url, `path = "x"\n${more}`);
    await assert.rejects(w.provider.start(), (error: Error) => {
      assert.match(error.message, new RegExp(`^cannot fetch http://127.0.0.1:${port}/r.git: git: fatal: `));
      assert.ok(!error.message.includes('hush'), error.message);
      return true;
    });
    assert.equal(seen.at(-1), basic);
  }
  assert.equal(parseGitAddress('https://user:hush@host/r.git').address, 'https://host/r.git');
});

test('a server that says nothing: the time limit, and a stop that does not wait for it', { skip }, async (t) => {
  let asked = 0;
  const server = createServer(() => asked++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/r.git`;
  const late = await world(t, url, 'path = "x"');
  const rejected = assert.rejects(late.provider.start(), { message: /git gave no answer within 120 s$/ });
  await until(late.ctx.clock, () => asked === 1);
  await late.ctx.clock.advance(120_000);
  await rejected;
  const stopped = await world(t, url, 'path = "x"');
  const ended = assert.rejects(stopped.provider.start());
  await until(stopped.ctx.clock, () => asked === 2);
  await stopped.provider.stop();
  await ended;
  assert.deepEqual([readdirSync(stopped.ctx.storagePath), stopped.ctx.clock.pending], [[], 0]);
});

test('ssh: user, key and passphrase reach ssh, and it asks nobody', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const report = join(folder, 'report');
  // In place of ssh: says what it was given.
  await writeFile(
    join(folder, 'ssh'),
    `#!/bin/sh\n{ printf '%s|' "$@"; ls -l "$4" | cut -c1-10; cat "$4"; [ -z "$SSH_ASKPASS" ] || "$SSH_ASKPASS"; } >${report}\nexit 1\n`,
    { mode: 0o755 },
  );
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}:${path}`;
  t.after(() => (process.env['PATH'] = path));
  const said = async (more: string): Promise<string> => {
    const key = `ssh_key {\nusername = "o'neil"\nkey = "the key"\n${more}\n}`;
    const w = await world(t, 'git@host.invalid:r.git', `path = "x"\n${key}`);
    await assert.rejects(w.provider.start(), { message: /^cannot fetch git@host\.invalid:r\.git: / });
    return readFileSync(report, 'utf8');
  };
  const plain = await said('');
  assert.match(plain, /^-l\|o'neil\|-i\|\S+\/key\|-o\|IdentitiesOnly=yes\|-o\|BatchMode=yes\|/);
  assert.match(plain, /\|-rw-------\nthe key\n$/);
  const passphrase = await said('passphrase = "open $HOME"');
  assert.match(passphrase, /StrictHostKeyChecking=yes/);
  assert.match(passphrase, /\nthe key\nopen \$HOME\n$/);
  assert.ok(!passphrase.split('\n')[0].includes('open'), 'not among the arguments');
});

test('what could be taken for an option or another transport is refused', () => {
  const problems = (text: string): string => decodeArgs(importGit.args, `path = "x"\n${text}`).problems.join('\n');
  const repo = (address: string, more = ''): string => problems(`repository = "${address}"\n${more}`);
  assert.match(repo('--upload-pack=x'), /must not begin with "-"/);
  assert.match(repo('ext::sh -c x'), /a transport that is not offered/);
  assert.match(repo('ftp://host/x'), /a transport that is not offered/);
  assert.match(repo('ssh://-oProxyCommand=x/y'), /is not a URL|begins with "-"/);
  for (const revision of ['-x', 'a b', 'a:b', 'a..b', '', 'a*'])
    assert.match(repo('https://h/r', `revision = "${revision}"`), /is not the name of a branch, tag or commit/);
  assert.match(repo('https://h/r', 'revision = "HEAD"'), /cannot be a special git reference/);
  assert.match(repo('/r', 'basic_auth {\nusername = "u"\npassword = "p"\n}'), /http or https address/);
  assert.match(repo('https://h/r', 'ssh_key {\nusername = "u"\n}'), /with an ssh address/);
  assert.equal(repo('git@host:r.git', 'ssh_key {\nusername = "git"\nkey_file = "k"\n}'), '');
});
