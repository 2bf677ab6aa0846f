/** Editors that choose which keys of a map stay. */
import { fail } from '../error.ts';
import type { Arguments } from '../functions/arguments.ts';
import { editor, type Editor } from '../functions/function.ts';
import { regex } from '../functions/texts.ts';
import type { Run } from '../telemetry.ts';
import type { Value } from '../value.ts';
import { eachEntry, KEPT, REMOVED, removeKey } from './target-map.ts';

function byPattern(args: Arguments, keeps: boolean): Run {
  const pattern = regex(args, 1);
  return eachEntry(args, (entry, t) => (pattern(t).test(entry.key()) === keeps ? KEPT : REMOVED));
}

function keepKeys(args: Arguments): Run {
  const keys = args.list(1);
  const constant = args.constant(1);
  if (constant !== undefined) {
    const fixed = new Set(textsIn(constant as readonly Value[]));
    return eachEntry(args, (entry) => (fixed.has(entry.key()) ? KEPT : REMOVED));
  }
  let wanted: ReadonlySet<string> = new Set();
  return eachEntry(
    args,
    (entry) => (wanted.has(entry.key()) ? KEPT : REMOVED),
    (t) => {
      wanted = new Set(textsIn(keys(t)));
    },
  );
}

/** Those with priority stay, then as many of the others, in order, as there is room for. */
function limit(args: Arguments): Run {
  const most = args.constant(1);
  if (typeof most !== 'bigint') throw args.wrong(1, 'limit takes an int literal as `limit`');
  if (most < 0n) throw args.wrong(1, 'the limit cannot be negative');
  const keys = args.constant(2);
  if (!Array.isArray(keys)) throw args.wrong(2, 'limit takes a list of string literals as `priority_keys`');
  const priority = new Set(textsIn(keys as readonly Value[]));
  if (BigInt(priority.size) > most) throw args.wrong(2, 'there are more priority keys than the limit allows');
  const target = args.target(0);
  let room = 0;
  return eachEntry(
    args,
    (entry) => {
      if (priority.has(entry.key())) return KEPT;
      return room-- > 0 ? KEPT : REMOVED;
    },
    (t) => {
      const { attributes } = target;
      let held = 0;
      if (attributes === undefined) {
        const map = target.get(t) as ReadonlyMap<string, Value>;
        for (const key of map.keys()) if (priority.has(key)) held++;
      } else {
        const message = attributes.of(t);
        if (message !== null)
          for (const key of priority) if (message.find(attributes.field(t), Buffer.from(key))) held++;
      }
      room = Number(most) - held;
    },
  );
}

function textsIn(list: readonly Value[]): string[] {
  return list.map((item) => (typeof item === 'string' ? item : fail('keys are strings')));
}

export const KEYS: readonly Editor[] = [
  editor('delete_key', ['target', 'key'], 'Removes one key.', (args) => removeKey(args, args.string(1))),
  editor('delete_matching_keys', ['target', 'pattern'], 'Removes the keys that match the regular expression.', (args) =>
    byPattern(args, false),
  ),
  editor('keep_keys', ['target', 'keys'], 'Removes all keys but these.', keepKeys),
  editor(
    'keep_matching_keys',
    ['target', 'pattern'],
    'Removes the keys that do not match the regular expression.',
    (args) => byPattern(args, true),
  ),
  editor(
    'limit',
    ['target', 'limit', 'priority_keys'],
    'Removes keys until no more than `limit` are left, `priority_keys` last.',
    limit,
  ),
];
