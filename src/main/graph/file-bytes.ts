/** Files that a user names, read with a bound and with messages that say what to do. */
import { open } from 'node:fs/promises';
import { MillraceError, errorText } from '#shared/errors.ts';

/** No configuration is larger: what is larger is some other file, or a device that does not end. */
export const MAX_CONFIG_BYTES = 64 << 20;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied: this user may not read it',
  EPERM: 'permission denied: this user may not read it',
  EISDIR: 'it is a folder, where a file is needed',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'it is a socket, not a file',
};

/** Rejects with a MillraceError (`config_unreadable`) that names the path. */
export async function fileBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      return await boundedBytes(path, file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }));
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/** The whole of a stream. `name` is how messages call it. Rejects with a MillraceError when it is too long, else with what the stream fails with. */
export async function boundedBytes(name: string, stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_CONFIG_BYTES)
      throw new MillraceError('config_unreadable', `${name} is larger than 64 MiB: that is no configuration`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** What the system said about `path`, in words. A MillraceError stays as it is. */
export function unreadable(path: string, thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const reason = REASONS[(thrown as NodeJS.ErrnoException).code ?? ''] ?? errorText(thrown);
  return new MillraceError(
    'config_unreadable',
    `cannot read ${path === '' ? 'a path without a name' : path}: ${reason}`,
    {
      cause: thrown,
    },
  );
}
