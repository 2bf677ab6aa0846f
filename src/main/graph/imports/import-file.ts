/** `import.file`: a file, or the `.alloy` files of a folder. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { attr, body } from '#config/schema/schema.ts';
import { duration, oneOf, string } from '#config/schema/types.ts';
import { readBounded, watchPath } from '#components/kit/watch/file.ts';
import { PollingProvider } from '#components/kit/watch/polling-provider.ts';
import { readSources } from '../source.ts';
import { importBlock, type ImportedModule } from './import-block.ts';

export const importFile = importBlock({
  name: 'import.file',
  stability: 'generally-available',
  summary: 'Imports custom components from a file, or from the .alloy files of a folder.',
  local: true,
  args: body(
    {
      filename: attr(string, { required: true, doc: 'The file or folder.' }),
      detector: attr(oneOf('fsnotify', 'poll'), { default: 'fsnotify', doc: 'How changes are noticed.' }),
      poll_frequency: attr(duration, { default: 60_000, doc: 'Time between two readings.' }),
    },
    (a, error) => {
      if (a.poll_frequency <= 0) error('poll_frequency', 'poll_frequency must be greater than 0');
    },
  ),
  create: ({ filename, detector, poll_frequency }, ctx) =>
    new PollingProvider(ctx, {
      everyMs: poll_frequency,
      read: () => readModule(filename),
      ...(detector === 'fsnotify' ? { watch: (changed: () => void) => watchPath(filename, changed) } : {}),
    }),
});

/** Rejects with a MillraceError. */
async function readModule(path: string): Promise<ImportedModule> {
  const isFolder = await stat(path).then(
    (facts) => facts.isDirectory(),
    // Reading it tells what is wrong.
    () => false,
  );
  if (isFolder) return { sources: await readSources(path), path };
  return { sources: [{ name: path, bytes: await readBounded(path) }], path: dirname(path) };
}
