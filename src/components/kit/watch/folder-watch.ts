/**
 * Tells of changes in folders (node:fs watch; inotify on Linux). What it misses (network file systems, a kernel without
 * watches left), the polling finds.
 */
import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorText } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import type { Place } from './places.ts';
import type { Watch } from './polled.ts';

interface Watched {
  readonly watcher: FSWatcher;
  /** Which folder it is: another one may come to be at its path. */
  readonly identity: string;
  places: readonly Place[];
}

export class FolderWatch implements Watch {
  readonly #places: () => Promise<readonly Place[]>;
  readonly #changed: () => void;
  readonly #log: Logger;
  /** As many as a path has links, and one. */
  readonly #folders = new Map<string, Watched>();
  #stopped = false;
  /** Nobody has looked yet. */
  #isNew = true;
  #complained = false;

  /** `places` is asked at each {@link refresh}. */
  constructor(places: () => Promise<readonly Place[]>, changed: () => void, log: Logger) {
    this.#places = places;
    this.#changed = changed;
    this.#log = log;
  }

  async refresh(): Promise<void> {
    const wanted = Map.groupBy(await this.#places(), ({ folder }) => folder);
    for (const folder of this.#folders.keys()) if (!wanted.has(folder)) this.#close(folder);
    for (const [folder, places] of wanted) {
      const identity = await identityOf(folder);
      const present = this.#folders.get(folder);
      if (present !== undefined && present.identity === identity) present.places = places;
      else {
        this.#close(folder);
        if (identity === null || this.#stopped || !this.#open(folder, identity, places)) continue;
        // Something may have changed there since the last look.
        if (!this.#isNew) this.#changed();
      }
    }
    this.#isNew = false;
  }

  stop(): void {
    this.#stopped = true;
    for (const folder of this.#folders.keys()) this.#close(folder);
  }

  #open(folder: string, identity: string, places: readonly Place[]): boolean {
    let watcher: FSWatcher;
    try {
      watcher = watch(folder);
    } catch (thrown) {
      this.#complain(folder, thrown);
      return false;
    }
    const watched: Watched = { watcher, identity, places };
    this.#folders.set(folder, watched);
    watcher.on('change', (_kind, name) => {
      const text = name === null ? null : String(name);
      // Under its own name the folder itself has gone (inotify's IN_DELETE_SELF). The next one may have the same inode.
      const isGone = text === basename(folder);
      if (isGone && this.#folders.get(folder) === watched) this.#close(folder);
      // Without a name it may be anything.
      if (text === null || isGone || watched.places.some((place) => place.concerns(text))) this.#changed();
    });
    watcher.on('error', (thrown) => {
      this.#complain(folder, thrown);
      if (this.#folders.get(folder) === watched) this.#close(folder);
    });
    return true;
  }

  #close(folder: string): void {
    this.#folders.get(folder)?.watcher.close();
    this.#folders.delete(folder);
  }

  #complain(folder: string, thrown: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#log.warn('cannot watch a folder: changes are seen at the next poll', { folder, err: errorText(thrown) });
  }
}

async function identityOf(folder: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
