/**
 * The configuration as it lies on disk: one file, or a folder of `.alloy` files that count as one configuration.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Parsed } from '#config/syntax/parse.ts';
import { MillraceError } from '#shared/errors.ts';
import { configBytes, unreadable } from './file-bytes.ts';

export interface Source {
  /** As diagnostics call it: the path as the user gave it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The tree, where it was made from something else than Alloy source. */
  readonly parsed?: Parsed;
}

/** A folder's files in order of their names, without those of its subfolders. Rejects with a MillraceError (`config_unreadable`). */
export async function readSources(path: string): Promise<readonly Source[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ name: path, bytes: await configBytes(path) }];
    const entries = await readdir(path, { withFileTypes: true });
    const files = entries
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.alloy'))
      .map((entry) => entry.name)
      .sort();
    if (files.length === 0) throw new MillraceError('config_unreadable', `the folder ${path} holds no .alloy files`);
    return await Promise.all(
      files.map(async (file) => ({ name: join(path, file), bytes: await configBytes(join(path, file)) })),
    );
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/** SHA-256 over the bytes of all sources in order, hex (Alloy's `alloy_config_hash`). */
export function hashOf(sources: readonly Source[]): string {
  const hash = createHash('sha256');
  for (const { bytes } of sources) hash.update(bytes);
  return hash.digest('hex');
}

/** What `module_path` is for a configuration at `path`: its folder. What cannot be looked at counts as a file; reading it says why. */
export function moduleFolder(path: string): string {
  try {
    return statSync(path).isDirectory() ? path : dirname(path);
  } catch {
    return dirname(path);
  }
}
