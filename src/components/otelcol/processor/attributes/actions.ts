/**
 * Actions, compiled for one field of attributes: they are applied to the bytes of a message in the order of the configuration, each to
 * what the one before has left. Facts: Collector contrib `internal/coreinternal/attraction`. Worker threads.
 */
import { AttributeKeys } from '#codec/otlp/attribute-keys.ts';
import { constantPair } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import { textMatch } from '#components/kit/match/text-match.ts';
import type { ContextValues } from './context-values.ts';
import { convertAction } from './convert.ts';
import { Delete } from './delete.ts';
import { extractAction } from './extract.ts';
import { Hash } from './hash.ts';
import { actionName, type ActionArgs } from './schema.ts';
import { SetConstants, type Constant } from './set-constants.ts';
import { constantOf, sourceOf, type Source } from './source.ts';
import { groupFrom, WherePresent } from './where-present.ts';

export interface Action {
  apply(message: Message): void;
}

/** Verdicts on keys that are remembered for each pattern. */
const KEYS_CACHED = 1024;

export class Actions {
  readonly #actions: readonly Action[];

  constructor(actions: readonly Action[]) {
    this.#actions = actions;
  }

  /** True, as a visitor says of a message that stays. */
  apply(message: Message): true {
    const actions = this.#actions;
    for (let i = 0; i < actions.length; i++) actions[i].apply(message);
    return true;
  }
}

/** For messages whose attributes are the field `field`. */
export function compileActions(list: readonly ActionArgs[], field: number, context: ContextValues): Actions {
  const actions: Action[] = [];
  for (let i = 0; i < list.length;) {
    const constants = constantsFrom(list, i, field);
    if (constants.length > 0) {
      actions.push(new SetConstants(field, constants));
      i += constants.length;
      continue;
    }
    const group = groupFrom(list, i);
    if (group.length > 0) {
      const keys = new Set(group.map(({ key }) => key));
      actions.push(
        new WherePresent(
          field,
          keys,
          group.map((one) => compile(one, field, context)),
        ),
      );
      i += group.length;
    } else actions.push(compile(list[i++], field, context));
  }
  return new Actions(actions);
}

type SetName = 'insert' | 'update' | 'upsert';
const isSet = (name: string): name is SetName => name === 'insert' || name === 'update' || name === 'upsert';

/** Actions in a row, from position `at` on, that set different keys to constants. */
function constantsFrom(list: readonly ActionArgs[], at: number, field: number): readonly Constant[] {
  const constants: Constant[] = [];
  const keys = new Set<string>();
  for (const { action, key, value } of list.slice(at, at + AttributeKeys.MOST)) {
    const bytes = Buffer.from(key);
    const name = actionName(action);
    if (!isSet(name) || value === undefined) break;
    if (keys.has(key) || bytes.length > AttributeKeys.LONGEST) break;
    keys.add(key);
    constants.push({ key: bytes, pair: constantPair(field, bytes, constantOf(value)), ...whereOf(name) });
  }
  return constants;
}

const whereOf = (name: SetName) => ({ wherePresent: name !== 'insert', whereAbsent: name !== 'update' });

function compile(args: ActionArgs, field: number, context: ContextValues): Action {
  const key = Buffer.from(args.key);
  const name = actionName(args.action);
  switch (name) {
    case 'insert':
    case 'update':
    case 'upsert':
      return new SetAttribute(field, key, sourceOf(args, field, key, context), name);
    case 'extract':
      return extractAction(field, key, args.pattern);
    case 'convert':
      return convertAction(field, key, args.converted_type);
    case 'delete':
    case 'hash': {
      const exactly = textMatch(args.key === '' ? [] : [args.key], { type: 'strict', cacheSize: 0 });
      const pattern = textMatch(args.pattern === '' ? [] : [args.pattern], { type: 'regexp', cacheSize: KEYS_CACHED });
      const keys = [exactly, pattern].filter((match) => match !== null);
      return name === 'delete' ? new Delete(field, keys) : new Hash(field, keys);
    }
  }
}

class SetAttribute implements Action {
  readonly #field: number;
  readonly #key: Buffer;
  readonly #source: Source;
  readonly #where: ReturnType<typeof whereOf>;

  constructor(field: number, key: Buffer, source: Source, name: SetName) {
    this.#field = field;
    this.#key = key;
    this.#source = source;
    this.#where = whereOf(name);
  }

  apply(message: Message): void {
    const { wherePresent, whereAbsent } = this.#where;
    if (!wherePresent || !whereAbsent) {
      const present = message.find(this.#field, this.#key);
      if (present ? !wherePresent : !whereAbsent) return;
    }
    this.#source.put(message);
  }
}
