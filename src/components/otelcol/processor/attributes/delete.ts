/** delete: attributes whose key matches. */
import type { Message } from '#codec/otlp/message.ts';
import type { TextMatch } from '#components/kit/match/text-match.ts';
import type { Action } from './actions.ts';

export class Delete implements Action {
  readonly #field: number;
  readonly #keys: readonly TextMatch[];

  constructor(field: number, keys: readonly TextMatch[]) {
    this.#field = field;
    this.#keys = keys;
  }

  apply(message: Message): void {
    for (let row = message.first(this.#field); row !== 0;) {
      const next = message.next(row);
      message.pair(row);
      const { buf, keyStart, keyStop } = message;
      if (this.#keys.some((match) => match.matches(buf, keyStart, keyStop))) message.remove(row);
      row = next;
    }
  }
}
