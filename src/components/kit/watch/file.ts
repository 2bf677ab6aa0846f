/** Files whose content matters: read within a bound, and watched. */
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { errorText, MillraceError } from '#shared/errors.ts';
import { oneOf } from '#config/schema/types.ts';

/** How a change is noticed. With `fsnotify` polling is the safety net. */
export const detector = oneOf('fsnotify', 'poll');

/** Larger files are no values for a configuration. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** Rejects with a MillraceError that names the file. */
export async function readBounded(file: string): Promise<Buffer> {
  try {
    const facts = await stat(file);
    if (facts.isDirectory()) throw new Error('it is a folder');
    if (facts.size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    const bytes = await readFile(file);
    if (bytes.length > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    return bytes;
  } catch (thrown) {
    const why = errorText(thrown);
    throw new MillraceError('file', why.includes(file) ? why : `cannot read ${file}: ${why}`, { cause: thrown });
  }
}

/**
 * Tells of changes of a file or folder. The folder that holds it is watched, too: files are replaced by renaming, and the
 * links of Kubernetes' mounted maps change beside them (`..data`).
 */
export function watchPath(path: string, changed: () => void): () => void {
  const ends: (() => void)[] = [];
  for (const [place, name] of [
    [dirname(path), basename(path)],
    [path, null],
  ] as const) {
    try {
      const watcher = watch(place, { persistent: false }, (_event, file) => {
        if (name === null || file === null || file === name || file.startsWith('..')) changed();
      });
      // What is watched has gone: polling goes on.
      watcher.on('error', () => watcher.close());
      ends.push(() => watcher.close());
    } catch {
      // It cannot be watched here (no inotify, too many watches): polling finds the changes.
    }
  }
  return () => {
    for (const end of ends) end();
  };
}
