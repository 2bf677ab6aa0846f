/**
 * Numbers for receivers. A frame in a ring carries its receiver's number, so a number must not change its meaning while such
 * frames may still lie there: it stays with its id over reloads, and a freed one is taken again only after all others.
 */
import { MillraceError } from '#shared/errors.ts';

const NUMBERS = 65_536;

export class EntryTable {
  #byId: ReadonlyMap<string, number> = new Map();
  #next = 0;

  /** Numbers for `ids`: the present ones where there are, new ones otherwise. Changes nothing until {@link commit}. */
  assign(ids: readonly string[]): ReadonlyMap<string, number> {
    if (ids.length > NUMBERS)
      throw new MillraceError(
        'too_many_receivers',
        `a configuration can hold at most ${NUMBERS} receivers, this one has ${ids.length}`,
      );
    const taken = new Set(this.#byId.values());
    const assigned = new Map<string, number>();
    for (const id of ids) {
      let number = this.#byId.get(id);
      if (number === undefined) {
        while (taken.has(this.#next)) this.#next = (this.#next + 1) % NUMBERS;
        number = this.#next;
        this.#next = (this.#next + 1) % NUMBERS;
        taken.add(number);
      }
      assigned.set(id, number);
    }
    return assigned;
  }

  /** The configuration with these numbers runs. Ids that it leaves out have lost theirs. */
  commit(assigned: ReadonlyMap<string, number>): void {
    this.#byId = assigned;
  }
}
