/** The files that a glob matches. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { matchesName, type Glob, type Segment } from './glob.ts';

/** What one search may look at and find, all patterns together. */
export interface Budget {
  /** Entries of folders that may still be looked at. */
  entries: number;
  /** Files that may still be found. */
  files: number;
  /** One of them did not suffice: something may be missing. */
  exceeded: boolean;
}

export interface FoundFile {
  /** As the pattern leads to it: relative where the pattern is. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly changedMs: number;
}

/**
 * Everything but folders that matches, sorted within each folder. Links to folders are followed, but not into a folder that
 * the way has already come through. What cannot be read is left out: it may be there the next time.
 */
export async function findFiles(glob: Glob, budget: Budget, signal: AbortSignal): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  await new Search(found, budget, signal).under(glob.absolute ? '/' : '', glob.segments, []);
  return found;
}

class Search {
  readonly #found: FoundFile[];
  readonly #budget: Budget;
  readonly #signal: AbortSignal;

  constructor(found: FoundFile[], budget: Budget, signal: AbortSignal) {
    this.#found = found;
    this.#budget = budget;
    this.#signal = signal;
  }

  /** `way`: identities of the folders that "any folders" has come through. */
  async under(folder: string, segments: readonly Segment[], way: readonly string[]): Promise<void> {
    const [segment, ...rest] = segments;
    if (this.#signal.aborted || this.#budget.exceeded) return;
    if (segment === undefined) return this.#take(folder);
    if (segment.kind === 'literal') return this.under(join(folder, segment.name), rest, way);
    const anyFolders = segment.kind === 'any folders';
    let inner = way;
    if (anyFolders) {
      const identity = await identityOf(folder);
      if (identity === null || way.includes(identity)) return;
      inner = [...way, identity];
      if (rest.length > 0) await this.under(folder, rest, way);
    }
    for (const entry of await entriesOf(folder)) {
      if (this.#signal.aborted || this.#budget.exceeded) return;
      if (--this.#budget.entries < 0) {
        this.#budget.exceeded = true;
        return;
      }
      const path = join(folder, entry.name);
      const maybeFolder = entry.isDirectory() || entry.isSymbolicLink();
      if (anyFolders) {
        if (maybeFolder) await this.under(path, segments, inner);
        if (rest.length === 0 && !entry.isDirectory()) await this.#take(path);
      } else if (matchesName(segment, entry.name) && (rest.length === 0 || maybeFolder)) {
        await this.under(path, rest, []);
      }
    }
  }

  async #take(path: string): Promise<void> {
    try {
      const found = await stat(resolve(path));
      if (found.isDirectory()) return;
      if (--this.#budget.files < 0) this.#budget.exceeded = true;
      else this.#found.push({ path, changedMs: found.mtimeMs });
    } catch {
      // Gone since the folder was read, or a link that leads nowhere.
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(resolve(folder), { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

async function identityOf(folder: string): Promise<string | null> {
  try {
    const found = await stat(resolve(folder), { bigint: true });
    return found.isDirectory() ? `${found.dev}:${found.ino}` : null;
  } catch {
    return null;
  }
}
