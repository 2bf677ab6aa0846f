/**
 * A checkout of one revision in a folder of its own, kept up to date by the git that is installed. Nothing is asked on a
 * terminal, credentials go through the environment and a key file that only this user can read.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { readBounded } from '#components/kit/watch/file.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import { readSources } from '../source.ts';
import type { ImportedModule } from './import-block.ts';
import type { GitArgs } from './import-git.ts';

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1 << 20;

export class GitCheckout {
  readonly #args: GitArgs;
  #folder: string | null = null;

  constructor(args: GitArgs) {
    this.#args = args;
  }

  /** Fetches the revision and reads the module. Rejects with a MillraceError. */
  async read(signal: AbortSignal): Promise<ImportedModule> {
    const { repository, revision, path } = this.#args;
    const folder = await this.#prepare(signal);
    const git = (...command: string[]): Promise<void> =>
      this.#git(folder, ['-C', join(folder, 'tree'), ...command], signal);
    try {
      await git('fetch', '--quiet', '--force', '--depth=1', 'origin', revision);
      await git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
    } catch (thrown) {
      // Not every server gives a single commit by its hash: then everything is fetched.
      if (!/^[0-9a-f]{7,64}$/i.test(revision) || signal.aborted) throw thrown;
      await git('fetch', '--quiet', '--force', '--tags', 'origin', '+refs/heads/*:refs/remotes/origin/*');
      await git('checkout', '--quiet', '--force', '--detach', revision);
    }
    const place = join(folder, 'tree', path);
    const name = `${repository.replace(/^(\w+:\/\/)[^/?#]*@/, '$1')}//${path}`;
    const facts = await stat(place).catch(() => null);
    if (facts === null) throw new MillraceError('git', `${name}: there is no such path at ${revision}`);
    if (!facts.isDirectory()) return { sources: [{ name, bytes: await readBounded(place) }], path: dirname(place) };
    const sources = await readSources(place);
    return { sources: sources.map((one) => ({ ...one, name: one.name.replace(place, name) })), path: place };
  }

  async remove(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  async #prepare(signal: AbortSignal): Promise<string> {
    if (this.#folder !== null) return this.#folder;
    const folder = await mkdtemp(join(tmpdir(), 'millrace-git-'));
    this.#folder = folder;
    const key = this.#args.ssh_key?.key?.secret;
    if (key !== undefined) await writeFile(join(folder, 'key'), key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 });
    const tree = join(folder, 'tree');
    await this.#git(folder, ['init', '--quiet', tree], signal);
    await this.#git(folder, ['-C', tree, 'remote', 'add', '--', 'origin', this.#args.repository], signal);
    return folder;
  }

  async #git(folder: string, args: readonly string[], signal: AbortSignal): Promise<void> {
    const options = {
      cwd: folder,
      env: this.#environment(folder),
      signal,
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
    };
    await new Promise<void>((resolve, reject) => {
      execFile('git', args, options, (error, _stdout, stderr) => {
        if (error === null) return resolve();
        const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        const why = missing
          ? 'git is not installed, or not in PATH'
          : stderr.trim().split('\n').at(-1) || errorText(error);
        reject(
          new MillraceError('git', `${this.#args.repository.replace(/^(\w+:\/\/)[^/?#]*@/, '$1')}: ${why}`, {
            cause: error,
          }),
        );
      });
    });
  }

  #environment(folder: string): NodeJS.ProcessEnv {
    const { basic_auth, ssh_key } = this.#args;
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
      LC_ALL: 'C',
    };
    if (basic_auth !== undefined) {
      const pair = Buffer.from(`${basic_auth.username}:${basic_auth.password.secret}`).toString('base64');
      Object.assign(env, {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.extraHeader',
        GIT_CONFIG_VALUE_0: `Authorization: Basic ${pair}`,
      });
    }
    if (ssh_key !== undefined) {
      const file = ssh_key.key === undefined ? ssh_key.key_file : join(folder, 'key');
      const identity = file === undefined ? '' : ` -i '${file.replaceAll("'", `'\\''`)}' -o IdentitiesOnly=yes`;
      const user = /^[\w.-]+$/.test(ssh_key.username) ? ` -l ${ssh_key.username}` : '';
      env['GIT_SSH_COMMAND'] = `ssh -o BatchMode=yes${user}${identity}`;
    }
    return env;
  }
}
