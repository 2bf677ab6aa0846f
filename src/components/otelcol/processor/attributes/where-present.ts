/**
 * Actions in a row each of which does nothing unless the attribute of its key is there: where none of the keys is, as on most spans,
 * one pass over the attributes tells so.
 */
import { AttributeKeys } from '#codec/otlp/attribute-keys.ts';
import type { Message } from '#codec/otlp/message.ts';
import { presentKeys } from '#codec/otlp/peek.ts';
import type { Action } from './actions.ts';
import { actionName, type ActionArgs } from './schema.ts';

export class WherePresent implements Action {
  readonly #field: number;
  readonly #keys: AttributeKeys;
  readonly #actions: readonly Action[];

  /** `keys`: of all the actions. */
  constructor(field: number, keys: ReadonlySet<string>, actions: readonly Action[]) {
    this.#field = field;
    this.#keys = new AttributeKeys([...keys].map((key) => Buffer.from(key)));
    this.#actions = actions;
  }

  apply(message: Message): void {
    if (presentKeys(message, this.#field, this.#keys) === 0) return;
    for (let i = 0; i < this.#actions.length; i++) this.#actions[i].apply(message);
  }
}

/** Actions of that kind from position `at` on; none: the first is of another. */
export function groupFrom(list: readonly ActionArgs[], at: number): readonly ActionArgs[] {
  const some = list.slice(at, at + AttributeKeys.MOST);
  const other = some.findIndex((args) => !needsItsKey(args));
  return other < 0 ? some : some.slice(0, other);
}

function needsItsKey({ action, key, pattern }: ActionArgs): boolean {
  if (Buffer.byteLength(key) > AttributeKeys.LONGEST) return false;
  switch (actionName(action)) {
    case 'update':
    case 'extract':
    case 'convert':
      return true;
    case 'delete':
    case 'hash':
      return pattern === '';
    default:
      return false;
  }
}
