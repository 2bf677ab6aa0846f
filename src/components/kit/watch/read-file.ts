/** Files that a configuration names: read whole, never more than a bound, and nothing that blocks. */
import { constants, open } from 'node:fs/promises';
import { MillraceError } from '#shared/errors.ts';
import { fileErrorText, handleBytes } from '#shared/file-bytes.ts';

/** Most bytes that a file, or an answer over HTTP, may give to the configuration. */
export const MAX_CONTENT_BYTES = 10 * 1024 * 1024;

/** Rejects with a MillraceError that calls the file `name` and says why it cannot be read. */
export async function readWhole(path: string, name = path): Promise<Buffer> {
  try {
    // A named pipe without a writer would block for ever without O_NONBLOCK.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile() && !stat.isDirectory()) throw new Error('it is a pipe or device, not a file');
      return await handleBytes(file, MAX_CONTENT_BYTES);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw new MillraceError('file_unreadable', `cannot read ${name}: ${fileErrorText(thrown)}`, { cause: thrown });
  }
}
