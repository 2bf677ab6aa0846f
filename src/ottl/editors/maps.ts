/** Editors that change a map as a whole, or all its values. */
import { truncated } from '../functions/truncate.ts';
import { fail } from '../error.ts';
import type { Arguments } from '../functions/arguments.ts';
import { editor, type Editor } from '../functions/function.ts';
import { textOf } from '../text.ts';
import type { Run } from '../telemetry.ts';
import { isList, isMap, type Value, type ValueMap } from '../value.ts';
import { eachEntry, KEPT, wholeMap } from './target-map.ts';

const STRATEGIES = ['insert', 'update', 'upsert'];

function mergeMaps(args: Arguments): Run {
  const strategy = args.literal(2);
  if (!STRATEGIES.includes(strategy)) throw args.wrong(2, `the strategy is one of ${STRATEGIES.join(', ')}`);
  const source = args.map(1);
  return wholeMap(args, (map, t) => {
    const merged = new Map(map);
    for (const [key, value] of source(t))
      if (strategy === 'upsert' || merged.has(key) === (strategy === 'update')) merged.set(key, value);
    return merged;
  });
}

/** Most keys that a map has when it was flattened. */
const MOST_KEYS = 100_000;

class Flattening {
  readonly flat = new Map<string, Value>();
  readonly #suffixes = new Map<string, number>();
  readonly #resolves: boolean;

  constructor(resolves: boolean) {
    this.#resolves = resolves;
  }

  add(key: string, value: Value): void {
    if (this.flat.size >= MOST_KEYS) fail(`a map of more than ${MOST_KEYS} keys`);
    if (!this.#resolves || !this.flat.has(key)) {
      this.flat.set(key, value);
      return;
    }
    let next = this.#suffixes.get(key) ?? 0;
    while (this.flat.has(`${key}.${next}`)) next++;
    this.flat.set(`${key}.${next}`, value);
    this.#suffixes.set(key, next + 1);
  }

  walk(value: ValueMap, prefix: string, depth: number, deepest: number): void {
    for (const [key, inner] of value) this.#one(prefix + key, inner, depth, deepest);
  }

  #one(key: string, value: Value, depth: number, deepest: number): void {
    if (isMap(value) && depth < deepest) {
      if (value.size > 0) this.walk(value, `${key}.`, depth + 1, deepest);
      return;
    }
    if (!isList(value) || depth >= deepest) return this.add(key, value);
    value.forEach((item, i) => this.#one(this.#resolves ? key : `${key}.${i}`, item, depth + 1, deepest));
  }
}

function flatten(args: Arguments): Run {
  const prefix = args.has(1) ? args.string(1) : null;
  const depth = args.has(2) ? args.constant(2) : 2n ** 31n;
  if (typeof depth !== 'bigint' || depth < 0n) throw args.wrong(2, 'the depth is an int literal and not negative');
  const resolves = args.literalBool(3, false);
  return wholeMap(args, (map, t) => {
    if (depth === 0n) return map;
    const before = prefix === null ? '' : prefix(t);
    const flattening = new Flattening(resolves);
    flattening.walk(map, before === '' ? '' : `${before}.`, 0, Number(depth));
    return flattening.flat;
  });
}

function truncateAll(args: Arguments): Run {
  const limit = args.constant(1);
  if (typeof limit !== 'bigint' || limit < 0n) throw args.wrong(1, 'the limit is an int literal and not negative');
  const safe = args.literalBool(2, true);
  const marker = args.literal(3, '');
  if (BigInt(Buffer.byteLength(marker)) > limit) throw args.wrong(3, 'the marker is longer than the limit');
  return eachEntry(args, (entry) => {
    const value = entry.value();
    if (typeof value !== 'string' || Buffer.byteLength(value) <= Number(limit)) return KEPT;
    return truncated(value, Number(limit) - Buffer.byteLength(marker), safe) + marker;
  });
}

function stringifyAll(args: Arguments): Run {
  return eachEntry(args, (entry) => {
    const value = entry.value();
    return typeof value === 'string' ? KEPT : (textOf(value) ?? '');
  });
}

export const MAPS: readonly Editor[] = [
  editor(
    'merge_maps',
    ['target', 'source', 'strategy'],
    'Puts the entries of another map into the target: those it lacks (`"insert"`), those it has (`"update"`), or all (`"upsert"`).',
    mergeMaps,
  ),
  editor(
    'flatten',
    ['target', 'prefix?', 'depth?', 'resolve_conflicts?'],
    'Moves the entries of maps and lists within the map to its root, under dotted keys.',
    flatten,
  ),
  editor(
    'truncate_all',
    ['target', 'limit', 'utf8_safe?', 'truncation_marker?'],
    'Cuts all string values of a map to `limit` bytes.',
    truncateAll,
  ),
  editor('stringify_all', ['target'], 'Makes strings of all values of a map.', stringifyAll),
];
