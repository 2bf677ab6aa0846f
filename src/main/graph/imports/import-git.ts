/** `import.git`: a file, or the `.alloy` files of a folder, in a Git repository, by the git that is installed. */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { duration, secret, string } from '#config/schema/types.ts';
import { PollingProvider } from '#components/kit/watch/polling-provider.ts';
import { GitCheckout } from './git-checkout.ts';
import { importBlock } from './import-block.ts';

const args = body(
  {
    repository: attr(string, { required: true, doc: 'URL or path of the repository.' }),
    revision: attr(string, { default: 'HEAD', doc: 'Branch, tag or commit.' }),
    path: attr(string, { required: true, doc: 'File or folder within the repository.' }),
    pull_frequency: attr(duration, { default: 60_000, doc: 'Time between two pulls; 0 pulls once.' }),
    basic_auth: block(
      body({
        username: attr(string, { required: true, doc: 'User.' }),
        password: attr(secret, { required: true, doc: 'Password.' }),
      }),
      { optional: true, doc: 'Basic authentication over HTTP.' },
    ),
    ssh_key: block(
      body({
        username: attr(string, { required: true, doc: 'User.' }),
        key: attr(secret, { doc: 'The private key.' }),
        key_file: attr(string, { doc: 'File with the private key.' }),
        passphrase: attr(secret, { doc: 'Passphrase of the key. Not offered: use an agent.' }),
      }),
      { optional: true, doc: 'Authentication over SSH.' },
    ),
  },
  (a, error) => {
    // They would be read as options of git.
    for (const name of ['repository', 'revision', 'path'] as const)
      if (a[name].startsWith('-') || a[name] === '') error(name, `${name} must not be empty or begin with "-"`);
    if (a.path.split('/').includes('..')) error('path', 'path must lie within the repository');
    if (a.pull_frequency < 0) error('pull_frequency', 'pull_frequency must not be negative');
    if (a.basic_auth !== undefined && a.ssh_key !== undefined)
      error('ssh_key', 'at most one of basic_auth and ssh_key may be set');
    if ((a.ssh_key?.passphrase?.secret ?? '') !== '')
      error('ssh_key', 'keys with a passphrase are not offered: load the key into an agent');
  },
);
export type GitArgs = Infer<typeof args>;

/** A day: what is pulled once is looked at again then all the same. */
const ONCE_MS = 24 * 3600 * 1000;

export const importGit = importBlock({
  name: 'import.git',
  stability: 'generally-available',
  summary: 'Imports custom components from a Git repository.',
  local: false,
  args,
  create: (given, ctx) => {
    const checkout = new GitCheckout(given);
    return new PollingProvider(ctx, {
      everyMs: given.pull_frequency === 0 ? ONCE_MS : given.pull_frequency,
      read: (signal) => checkout.read(signal),
      dispose: () => checkout.remove(),
    });
  },
});
