/** Which folders must be watched to see that what a path leads to has changed. */
import { lstat, readlink } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve } from 'node:path';

export interface Place {
  readonly folder: string;
  /** Whether something of that name in the folder matters. */
  concerns(name: string): boolean;
}

/** As many as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The folder of the file itself, and of each symbolic link on the way: where a link is set anew, the path leads elsewhere
 * (Kubernetes swaps the link `..data` of a mounted ConfigMap). Where the way ends because something is missing, the folder
 * where it would be. Does not reject.
 */
export async function placesOf(path: string): Promise<readonly Place[]> {
  const places: Place[] = [];
  const add = (at: string): void => {
    const name = basename(at);
    places.push({ folder: dirname(at), concerns: (other) => other === name });
  };
  let links = 0;
  let at = parse(resolve(path)).root;
  let rest = namesOf(resolve(path));
  while (rest.length > 0) {
    const [name, ...after] = rest;
    const here = join(at, name);
    const target = await linkTarget(here);
    if (target === undefined) {
      add(here);
      break;
    }
    if (target === null) {
      if (after.length === 0) add(here);
      at = here;
      rest = after;
      continue;
    }
    add(here);
    if (++links > MAX_LINKS) break;
    // Not resolved with what follows: "link/.." is the parent of where the link leads.
    const from = resolve(at, target);
    at = parse(from).root;
    rest = [...namesOf(from), ...after];
  }
  return places;
}

const namesOf = (path: string): string[] =>
  path
    .slice(parse(path).root.length)
    .split('/')
    .filter((name) => name !== '');

/** null: it is there and no link. undefined: it is not there, or nobody may look. */
async function linkTarget(path: string): Promise<string | null | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null;
  } catch {
    return undefined;
  }
}
