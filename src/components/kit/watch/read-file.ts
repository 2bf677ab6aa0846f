/** Files that a configuration names: read whole, never more than a bound, and nothing that blocks. */
import { constants, open, type FileHandle } from 'node:fs/promises';
import { sizeText } from '#config/schema/size.ts';
import { errorText, MillraceError } from '#shared/errors.ts';

/** Most bytes that a file, or an answer over HTTP, may give to the configuration. */
export const MAX_CONTENT_BYTES = 10 * 1024 * 1024;

/** Rejects with a MillraceError that names the file and says why it cannot be read. */
export async function readWhole(path: string, maxBytes = MAX_CONTENT_BYTES): Promise<Buffer> {
  try {
    // A named pipe without a writer would block for ever without O_NONBLOCK.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await contentOf(file, path, maxBytes);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (thrown instanceof MillraceError) throw thrown;
    throw new MillraceError('file_unreadable', `cannot read ${path}: ${reasonOf(thrown)}`, { cause: thrown });
  }
}

async function contentOf(file: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const stat = await file.stat();
  if (stat.isDirectory()) throw new MillraceError('file_unreadable', `cannot read ${path}: it is a folder, not a file`);
  if (!stat.isFile())
    throw new MillraceError('file_unreadable', `cannot read ${path}: it is a pipe, socket or device, not a file`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Files of /proc say that they are empty: what counts is what can be read.
  let want = Math.min(Math.max(stat.size + 1, 4096), maxBytes + 1);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(want), 0, want, null);
    if (bytesRead === 0) return Buffer.concat(chunks, bytes);
    chunks.push(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
    if (bytes > maxBytes)
      throw new MillraceError('file_too_large', `cannot read ${path}: it is larger than ${sizeText(maxBytes)}`);
    want = Math.min(Math.max(stat.size + 1 - bytes, 4096), maxBytes + 1 - bytes);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder, not a file',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENXIO: 'it is a pipe, socket or device, not a file',
};

/** Why a file system call failed. */
export function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return code in REASONS ? `${REASONS[code]} (${code})` : errorText(thrown);
}
