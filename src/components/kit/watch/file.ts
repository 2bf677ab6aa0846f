/** Files whose content matters: read within a bound, and watched. */
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { MillraceError } from '#shared/errors.ts';
import { fileBytes, fileErrorText } from '#shared/file-bytes.ts';
import { oneOf } from '#config/schema/types.ts';

/** How a change is noticed. With `fsnotify` polling is the safety net. */
export const detector = oneOf('fsnotify', 'poll');

/** Larger files are no values for a configuration. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** Rejects with a MillraceError that names the file. */
export async function readBounded(file: string): Promise<Buffer> {
  try {
    return await fileBytes(file, MAX_FILE_BYTES);
  } catch (thrown) {
    throw new MillraceError('file', `cannot read ${file}: ${fileErrorText(thrown)}`, { cause: thrown });
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
