/** Reading what a user names: a file, a pipe, a device. Within a bound whatever it is, and with reasons in words. */
import { open, type FileHandle } from 'node:fs/promises';
import { errorText } from './errors.ts';

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

/** Why a file could not be read. */
export function fileErrorText(thrown: unknown): string {
  return REASONS[(thrown as NodeJS.ErrnoException | null)?.code ?? ''] ?? errorText(thrown);
}

/** Rejects when there are more than `maxBytes`: a size that the system tells (0 for a device or a pipe) is not believed. */
export async function fileBytes(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    return await handleBytes(file, maxBytes);
  } finally {
    await file.close();
  }
}

/** The same of what is open already, and stays open. */
export function handleBytes(file: FileHandle, maxBytes: number): Promise<Buffer> {
  return streamBytes(file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }), maxBytes);
}

/** The whole of a stream. Rejects when there are more than `maxBytes`, and with what the stream fails with. */
export async function streamBytes(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`it is larger than ${maxBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
