/**
 * A folder of its own that holds a git repository at one revision, and brings it up to date.
 *
 *     FOLDER/repo       the working tree, what `module_path` is
 *     FOLDER/key        the ssh key, mode 0600
 *     FOLDER/askpass    prints the passphrase, which is in the environment
 *
 * Only the one commit is fetched where the revision is a branch, a tag or a whole commit id; all branches and tags otherwise.
 */
import { access, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#shared/clock.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { GitAddress } from './git-address.ts';
import { configEnvironment, git } from './git-command.ts';

export interface SshKey {
  readonly username: string;
  readonly key: { readonly text: string } | { readonly file: string } | null;
  readonly passphrase: string;
}

export interface GitCheckoutOptions {
  readonly address: GitAddress;
  /** A branch, a tag, a commit, or another expression of git's for one. */
  readonly revision: string;
  /** Value of Authorization; '' = none. */
  readonly authorization: string;
  readonly ssh: SshKey | null;
  /** Where the folder is made. */
  readonly storagePath: string;
  readonly clock: Clock;
}

/** For what goes over the network, and for what does not. */
const REMOTE_TIMEOUT_MS = 120_000;
const LOCAL_TIMEOUT_MS = 60_000;
/** A reference of our own, which no server can name. */
const WANTED = 'refs/millrace/wanted';

export class GitCheckout {
  readonly #options: GitCheckoutOptions;
  #folder: string | null = null;
  #environment: Readonly<Record<string, string>> = {};
  /** The commit that lies in the working tree; null: not known. */
  #commit: string | null = null;

  constructor(options: GitCheckoutOptions) {
    this.#options = options;
  }

  /** The working tree, once {@link pull} has resolved. */
  get tree(): string {
    return join(this.#folder ?? '', 'repo');
  }

  /** Brings the working tree to where the revision is now. Rejects with a MillraceError; the tree is as it was, then. */
  async pull(signal: AbortSignal): Promise<void> {
    await this.#prepare(signal);
    const wanted = await this.#remoteReference(signal);
    if (wanted !== null && wanted.commit === this.#commit) return;
    const commit = wanted === null ? await this.#fetchAny(signal) : await this.#fetchOne(wanted.name, signal);
    if (commit === this.#commit) return;
    // Not known until it is whole again.
    this.#commit = null;
    await this.#local(['checkout', '--quiet', '--force', '--detach', commit], signal);
    await this.#local(['clean', '--quiet', '-ffdx'], signal);
    this.#commit = commit;
  }

  /** Removes the folder. */
  async remove(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
    this.#folder = null;
  }

  /** Makes what is missing: all of it at first, and later what somebody else has removed. */
  async #prepare(signal: AbortSignal): Promise<void> {
    const { storagePath, address } = this.#options;
    try {
      if (this.#folder === null) {
        await mkdir(storagePath, { recursive: true });
        this.#folder = await mkdtemp(join(storagePath, 'millrace-git-'));
        this.#environment = await this.#makeEnvironment(this.#folder);
      }
      if (this.#commit !== null && (await exists(join(this.tree, '.git', 'HEAD')))) return;
      // Also after a command that was killed and may have left its locks.
      await mkdir(this.tree, { recursive: true });
      await rm(join(this.tree, '.git'), { recursive: true, force: true });
    } catch (thrown) {
      throw new MillraceError('git_folder', `cannot keep a repository in ${storagePath}: ${errorText(thrown)}`, {
        cause: thrown,
      });
    }
    this.#commit = null;
    await this.#local(['init', '--quiet', '--template='], signal);
    await this.#local(['remote', 'add', 'origin', address.address], signal);
  }

  /** The tag or branch of that name, as the server has it. */
  async #remoteReference(signal: AbortSignal): Promise<{ readonly name: string; readonly commit: string } | null> {
    const { revision } = this.#options;
    const names = [`refs/tags/${revision}`, `refs/heads/${revision}`];
    const lines = (
      await this.#remote(['ls-remote', '--quiet', 'origin', ...names.flatMap((n) => [n, `${n}^{}`])], signal)
    )
      .split('\n')
      .map((line) => line.split('\t'));
    // The tag first, as in Alloy. An annotated one has a line for the commit that it stands for.
    for (const name of names) {
      const found = lines.find(([, of]) => of === `${name}^{}`) ?? lines.find(([, of]) => of === name);
      if (found !== undefined) return { name, commit: found[0] };
    }
    return null;
  }

  async #fetchOne(source: string, signal: AbortSignal): Promise<string> {
    const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-write-fetch-head', '--force', 'origin'];
    await this.#remote([...fetch, `+${source}:${WANTED}`], signal);
    return this.#commitOf(WANTED, signal);
  }

  async #fetchAny(signal: AbortSignal): Promise<string> {
    const { revision, address } = this.#options;
    const isCommit = /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(revision);
    // A commit does not change.
    if (isCommit && this.#commit === revision.toLowerCase()) return this.#commit;
    if (isCommit) {
      // Servers may refuse to give a single commit.
      const one = await this.#fetchOne(revision, signal).catch((thrown: unknown) => {
        signal.throwIfAborted();
        if (thrown instanceof MillraceError) return null;
        throw thrown;
      });
      if (one !== null) return one;
    }
    const all = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
    const shallow = await exists(join(this.tree, '.git', 'shallow'));
    const fetch = [
      'fetch',
      '--quiet',
      '--prune',
      '--no-write-fetch-head',
      '--force',
      ...(shallow ? ['--unshallow'] : []),
    ];
    await this.#remote([...fetch, 'origin', ...all], signal);
    try {
      return await this.#commitOf(revision, signal);
    } catch (thrown) {
      if (!(thrown instanceof MillraceError) || thrown.code !== 'git_failed') throw thrown;
      throw new MillraceError('git_revision', `${address.shown} has no branch, tag or commit "${revision}"`, {
        cause: thrown,
      });
    }
  }

  async #commitOf(expression: string, signal: AbortSignal): Promise<string> {
    const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${expression}^{commit}`];
    return (await this.#local(args, signal)).trim();
  }

  #local(args: readonly string[], signal: AbortSignal): Promise<string> {
    return this.#git(args, LOCAL_TIMEOUT_MS, signal);
  }

  async #remote(args: readonly string[], signal: AbortSignal): Promise<string> {
    try {
      return await this.#git(args, REMOTE_TIMEOUT_MS, signal);
    } catch (thrown) {
      if (!(thrown instanceof MillraceError) || thrown.code === 'git_missing') throw thrown;
      const { shown } = this.#options.address;
      throw new MillraceError(thrown.code, `cannot fetch ${shown}: ${thrown.message}`, { cause: thrown });
    }
  }

  async #git(args: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<string> {
    const { clock } = this.#options;
    try {
      return await git({ args, folder: this.tree, environment: this.#environment, timeoutMs, signal }, clock);
    } catch (thrown) {
      // Killed in the middle of something.
      if (thrown instanceof MillraceError && thrown.code === 'git_timeout') this.#commit = null;
      throw thrown;
    }
  }

  async #makeEnvironment(folder: string): Promise<Readonly<Record<string, string>>> {
    const { address, authorization, ssh } = this.#options;
    const settings: (readonly [string, string])[] = [
      ['core.hooksPath', '/dev/null'],
      ['core.logAllRefUpdates', 'false'],
      ['advice.detachedHead', 'false'],
      // In the foreground, and nothing kept of what was fetched before.
      ['gc.autoDetach', 'false'],
      ['maintenance.autoDetach', 'false'],
      ['gc.autoPackLimit', '20'],
      ['gc.pruneExpire', 'now'],
      // Below our own time limit.
      ['http.lowSpeedLimit', '1'],
      ['http.lowSpeedTime', '60'],
    ];
    // Sent to this server only.
    if (authorization !== '')
      settings.push([`http.${new URL(address.address).origin}/.extraHeader`, `Authorization: ${authorization}`]);
    return { ...configEnvironment(settings), ...(ssh === null ? {} : await sshEnvironment(ssh, folder)) };
  }
}

async function sshEnvironment(ssh: SshKey, folder: string): Promise<Readonly<Record<string, string>>> {
  const command = ['ssh', '-l', quoted(ssh.username)];
  if (ssh.key !== null) {
    let { file } = ssh.key as { file: string };
    if ('text' in ssh.key) {
      file = join(folder, 'key');
      await writeFile(file, ssh.key.text.endsWith('\n') ? ssh.key.text : `${ssh.key.text}\n`, { mode: 0o600 });
    }
    command.push('-i', quoted(file), '-o', 'IdentitiesOnly=yes');
  }
  if (ssh.passphrase === '') return { GIT_SSH_COMMAND: [...command, '-o', 'BatchMode=yes'].join(' ') };
  const askpass = join(folder, 'askpass');
  await writeFile(askpass, '#!/bin/sh\nprintf "%s\\n" "$MILLRACE_SSH_PASSPHRASE"\n', { mode: 0o700 });
  await chmod(askpass, 0o700);
  // Without batch mode ssh would also ask whether it knows the host, and for passwords.
  const only = ['StrictHostKeyChecking=yes', 'PasswordAuthentication=no', 'KbdInteractiveAuthentication=no'];
  return {
    GIT_SSH_COMMAND: [...command, ...only.flatMap((option) => ['-o', option])].join(' '),
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: 'force',
    MILLRACE_SSH_PASSPHRASE: ssh.passphrase,
  };
}

/** For the shell that git runs the ssh command in. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
