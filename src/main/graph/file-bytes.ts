/** Files of a configuration, and what is piped in instead. */
import { MillraceError } from '#shared/errors.ts';
import { fileBytes, fileErrorText, streamBytes } from '#shared/file-bytes.ts';

/** No configuration is larger: what is larger is some other file, or a device that does not end. */
const MAX_CONFIG_BYTES = 64 << 20;

/** Rejects with a MillraceError (`config_unreadable`) that names the path. */
export async function configBytes(path: string): Promise<Buffer> {
  try {
    return await fileBytes(path, MAX_CONFIG_BYTES);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/** All of a stream. `name` is how messages call it. Rejects as {@link configBytes}. */
export async function pipedBytes(name: string, stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  try {
    return await streamBytes(stream, MAX_CONFIG_BYTES);
  } catch (thrown) {
    throw unreadable(name, thrown);
  }
}

/** What the system said about `path`, in words. A MillraceError stays as it is. */
export function unreadable(path: string, thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const name = path === '' ? 'a path without a name' : path;
  return new MillraceError('config_unreadable', `cannot read ${name}: ${fileErrorText(thrown)}`, { cause: thrown });
}
