/** `import.git`: the module is in a git repository. Facts: grafana/alloy `importsource/import_git.go`, `internal/vcs`. */
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, sep } from 'node:path';
import { problemOf } from '#components/kit/blocks/problem.ts';
import { polled } from '#components/kit/watch/polled.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { duration, secret, string } from '#config/schema/types.ts';
import { basicHeader } from '#net/client/basic-auth.ts';
import { MillraceError } from '#shared/errors.ts';
import { fileErrorText } from '#shared/file-bytes.ts';
import { parseGitAddress } from './git-address.ts';
import { GitCheckout, type SshKey } from './git-checkout.ts';
import { importBlock } from './import-block.ts';
import { readModule, sameModule } from './module-files.ts';

const basicAuthBlock = body({
  username: attr(string, { required: true, doc: 'User name.' }),
  password: attr(secret, { required: true, doc: 'Password or token.' }),
});

const sshKeyBlock = body(
  {
    username: attr(string, { required: true, doc: 'User name.' }),
    key: attr(secret, { doc: 'The private key.' }),
    key_file: attr(string, { default: '', doc: 'File with the private key.' }),
    passphrase: attr(secret, { doc: 'Passphrase of the key.' }),
  },
  (args, error) => {
    if (args.username === '' || args.username.startsWith('-')) error('username', 'username must be the name of a user');
    if ((args.key?.secret ?? '') !== '' && args.key_file !== '')
      error('key_file', 'at most one of key and key_file may be set');
  },
);

const SPECIAL = ['HEAD', 'FETCH_HEAD', 'ORIG_HEAD', 'MERGE_HEAD', 'CHERRY_PICK_HEAD'];

const args = body(
  {
    repository: attr(string, { required: true, doc: 'Address of the repository, as `git clone` takes it.' }),
    revision: attr(string, { default: 'main', doc: 'Branch, tag or commit.' }),
    path: attr(string, { required: true, doc: 'File or folder in the repository; `.` is the repository itself.' }),
    pull_frequency: attr(duration, {
      default: 60_000,
      doc: 'How often the repository is pulled; `"0s"` means once.',
    }),
    basic_auth: block(basicAuthBlock, { optional: true, doc: 'User and password for an http or https address.' }),
    ssh_key: block(sshKeyBlock, { optional: true, doc: 'Key for an ssh address.' }),
  },
  (args, error) => {
    const { repository, revision } = args;
    const wrong = problemOf(() => parseGitAddress(repository));
    if (wrong !== null) error('repository', wrong);
    if (SPECIAL.includes(revision))
      error('revision', `revision cannot be a special git reference such as ${SPECIAL.join(', ')}`);
    // eslint-disable-next-line no-control-regex
    else if (revision === '' || revision.startsWith('-') || /[\x00-\x20:?*[\\]|\.\./.test(revision))
      error('revision', `revision "${revision}" is not the name of a branch, tag or commit`);
    if (args.pull_frequency < 0) error('pull_frequency', 'pull_frequency must not be negative');
    if (wrong !== null) return;
    const { transport } = parseGitAddress(repository);
    if (args.basic_auth !== undefined && transport !== 'http')
      error('basic_auth', 'basic_auth is for repositories with an http or https address');
    if (args.ssh_key !== undefined && transport !== 'ssh')
      error('ssh_key', 'ssh_key is for repositories with an ssh address');
  },
);

export const importGit = importBlock({
  name: 'import.git',
  stability: 'generally-available',
  summary: 'Imports custom components from a git repository.',
  args,
  local: false,
  create(args, ctx) {
    const address = parseGitAddress(args.repository);
    const { basic_auth: basic } = args;
    const checkout = new GitCheckout({
      address,
      revision: args.revision,
      authorization: basic === undefined ? address.authorization : basicHeader(basic.username, basic.password.secret),
      ssh: sshKey(args.ssh_key),
      storagePath: ctx.storagePath ?? tmpdir(),
      clock: ctx.clock,
    });
    const path = inside(args.path);
    const nameOf = (file: string): string => [ctx.id, path, file].filter((part) => part !== '').join('/');
    return polled(
      {
        everyMs: args.pull_frequency,
        settleMs: 0,
        wellText: 'module updated',
        failedText: 'failed to update the repository of the imported module',
        async look(signal) {
          await checkout.pull(signal);
          const there = await confined(checkout.tree, path, args);
          const { sources } = await readModule(there, nameOf);
          return { sources, path: checkout.tree };
        },
        same: sameModule,
        end: () => checkout.remove(),
      },
      ctx,
    );
  },
});

/** `path` below the root of the repository, however it is written; '' is the root. */
const inside = (path: string): string => posix.normalize(`/${path}`).slice(1).replace(/\/$/, '');

/** Where `path` lies, links followed. They must not lead out of the repository. */
async function confined(
  tree: string,
  path: string,
  { repository, revision, path: asked }: Infer<typeof args>,
): Promise<string> {
  const shown = `"${asked}" in ${parseGitAddress(repository).shown} at ${revision}`;
  const root = await realpath(tree);
  const there = await realpath(join(tree, path)).catch((thrown: unknown) => {
    throw new MillraceError('git_path', `cannot read ${shown}: ${fileErrorText(thrown)}`, { cause: thrown });
  });
  const isInside = there === root || there.startsWith(root + sep);
  if (!isInside || there === join(root, '.git') || there.startsWith(join(root, '.git') + sep))
    throw new MillraceError('git_path', `cannot read ${shown}: it is not a part of the repository`);
  return there;
}

function sshKey(block: Infer<typeof sshKeyBlock> | undefined): SshKey | null {
  if (block === undefined) return null;
  const text = block.key?.secret ?? '';
  const key = text !== '' ? { text } : block.key_file !== '' ? { file: block.key_file } : null;
  return { username: block.username, key, passphrase: block.passphrase?.secret ?? '' };
}
