/** A module as it lies on disk. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_CONTENT_BYTES, readWhole } from '#components/kit/watch/read-file.ts';
import { MillraceError } from '#shared/errors.ts';
import { fileErrorText } from '#shared/file-bytes.ts';
import type { Source } from '../source.ts';
import type { ImportedModule } from './import-block.ts';

/** Most files of a folder that make a module. */
const MAX_FILES = 1000;

/**
 * The file at `path`, or the `.alloy` files of that folder by name, without those of its subfolders. `nameOf` gives what
 * diagnostics call a file of the folder; '' stands for `path` itself. Rejects with a MillraceError.
 */
export async function readModule(
  path: string,
  nameOf: (file: string) => string,
): Promise<{ readonly sources: readonly Source[]; readonly isFolder: boolean }> {
  const files = await filesIn(path, nameOf('')).catch((thrown: unknown) => {
    if (thrown instanceof MillraceError) throw thrown;
    throw new MillraceError('module_unreadable', `cannot read ${nameOf('')}: ${fileErrorText(thrown)}`, {
      cause: thrown,
    });
  });
  if (files === null)
    return { sources: [{ name: nameOf(''), bytes: await readWhole(path, nameOf('')) }], isFolder: false };
  const sources: Source[] = [];
  let room = MAX_CONTENT_BYTES;
  for (const file of files) {
    const bytes = await readWhole(join(path, file), nameOf(file));
    room -= bytes.length;
    if (room < 0)
      throw new MillraceError(
        'module_unreadable',
        `the .alloy files in ${nameOf('')} are larger than ${MAX_CONTENT_BYTES / 1024 / 1024} MiB together`,
      );
    sources.push({ name: nameOf(file), bytes });
  }
  return { sources, isFolder: true };
}

/** null: it is no folder. */
async function filesIn(path: string, name: string): Promise<readonly string[] | null> {
  if (!(await stat(path)).isDirectory()) return null;
  const entries = await readdir(path, { withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.alloy'))
    .map((entry) => entry.name)
    .sort();
  if (files.length === 0) throw new MillraceError('module_unreadable', `the folder ${name} holds no .alloy files`);
  if (files.length > MAX_FILES)
    throw new MillraceError('module_unreadable', `the folder ${name} holds more than ${MAX_FILES} .alloy files`);
  return files;
}

export function sameModule(a: ImportedModule, b: ImportedModule): boolean {
  return (
    a.path === b.path &&
    a.sources.length === b.sources.length &&
    a.sources.every(
      ({ name, bytes }, i) => name === b.sources[i].name && Buffer.compare(bytes, b.sources[i].bytes) === 0,
    )
  );
}
