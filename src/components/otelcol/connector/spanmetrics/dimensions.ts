/**
 * Which attributes become dimensions of which metrics, from the arguments. Names and globs of all metrics are numbered through, so
 * that one walk over a span's attributes serves all of them.
 */
import { Glob } from '#text/glob.ts';
import type { Args, DimensionArgs } from './schema.ts';

const SEPARATOR = '.';

/** One dimension of a metric: the attribute with a name, or all whose names match. */
export type Dimension = NamedDimension | { readonly glob: Glob };
export interface NamedDimension {
  readonly name: string;
  readonly number: number;
  readonly fallback: string | undefined;
}

export interface Dimensions {
  /** Names of attributes, by number. */
  readonly names: readonly string[];
  readonly globs: readonly Glob[];
  /** By group of `plan.ts`. */
  readonly groups: readonly (readonly Dimension[])[];
}

/** What each group is made of; where calls and duration have the same dimensions they are one group. */
export interface Groups {
  readonly calls: number;
  /** -1: there is no such metric. */
  readonly duration: number;
  readonly events: number;
  readonly dimensions: readonly (readonly DimensionArgs[])[];
}

export function groupsOf(args: Args): Groups {
  const calls = together(args.dimension, args.calls_dimension);
  const dimensions = [calls];
  let duration = -1;
  if (!args.histogram.disable) {
    const own = together(args.dimension, args.histogram.dimension);
    duration = JSON.stringify(own) === JSON.stringify(calls) ? 0 : dimensions.push(own) - 1;
  }
  const events = args.events.enabled ? dimensions.push(together(args.dimension, args.events.dimension)) - 1 : -1;
  return { calls: 0, duration, events, dimensions };
}

/** A name that comes twice is one dimension, where it came first; of its defaults the last one holds. */
function together(shared: readonly DimensionArgs[], own: readonly DimensionArgs[]): DimensionArgs[] {
  const all: DimensionArgs[] = [];
  for (const one of [...shared, ...own]) {
    const at = all.findIndex((known) => known.name === one.name && known.glob === one.glob);
    if (at < 0) all.push({ name: one.name, default: one.default, glob: one.glob });
    else if (one.default !== undefined) all[at] = { ...all[at], default: one.default };
  }
  return all;
}

export function dimensionsOf({ dimensions }: Groups): Dimensions {
  const names: string[] = [];
  const globs = new Map<string, Glob>();
  const groups = dimensions.map((group) =>
    group.map((one): Dimension => {
      if (one.glob !== '') {
        const glob = globs.get(one.glob) ?? new Glob(one.glob, SEPARATOR);
        globs.set(one.glob, glob);
        return { glob };
      }
      const known = names.indexOf(one.name);
      return { name: one.name, number: known < 0 ? names.push(one.name) - 1 : known, fallback: one.default };
    }),
  );
  return { names, globs: [...globs.values()], groups };
}
