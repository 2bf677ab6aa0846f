/** What commands that work on one text read: a file, or what is piped in. */
import { open } from 'node:fs/promises';
import { MillraceError, errorText } from '#shared/errors.ts';
import type { Host } from './host.ts';

/** No configuration is larger; what is larger is some other file, or a stream that does not end. */
export const MAX_INPUT_BYTES = 64 << 20;

export interface Input {
  /** As messages call it. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** `path`: undefined or `-` for stdin. Rejects with a MillraceError (`input_unreadable`). */
export async function readInput(path: string | undefined, { stdin }: Pick<Host, 'stdin'>): Promise<Input> {
  if (path === undefined || path === '-') return { name: '(stdin)', bytes: await whole('standard input', stdin()) };
  try {
    const file = await open(path);
    try {
      if ((await file.stat()).isDirectory())
        throw new MillraceError('input_unreadable', `${path} is a folder: give a file`);
      return { name: path, bytes: await whole(path, file.createReadStream({ autoClose: false })) };
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (thrown instanceof MillraceError) throw thrown;
    throw new MillraceError('input_unreadable', `cannot read ${path}: ${errorText(thrown)}`, { cause: thrown });
  }
}

async function whole(name: string, stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_INPUT_BYTES)
      throw new MillraceError('input_unreadable', `${name} is larger than 64 MiB: that is no configuration`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
