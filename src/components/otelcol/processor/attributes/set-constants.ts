/**
 * Constants that are set, several keys at once: one pass over the attributes tells which of the keys are there. What is lacking is
 * added by one copy, and a message without any of the keys is not even made a table of.
 */
import { AttributeKeys } from '#codec/otlp/attribute-keys.ts';
import { putConstant } from '#codec/otlp/attribute-edit.ts';
import type { ConstantField } from '#codec/otlp/constant-field.ts';
import { SharedBytes } from '#codec/otlp/shared-bytes.ts';
import type { Message } from '#codec/otlp/message.ts';
import { presentKeys } from '#codec/otlp/peek.ts';
import type { Action } from './actions.ts';

export interface Constant {
  readonly key: Buffer;
  /** The attribute. */
  readonly pair: ConstantField;
  readonly wherePresent: boolean;
  readonly whereAbsent: boolean;
}

export class SetConstants implements Action {
  readonly #field: number;
  readonly #constants: readonly Constant[];
  readonly #keys: AttributeKeys;
  /** Bits of those that are set where the key is there, and where it is not. */
  readonly #wherePresent: number;
  readonly #whereAbsent: number;
  /** Those that are set where none of the keys is there. */
  readonly #all: SharedBytes;

  /** Keys that differ, as many and as long as {@link AttributeKeys} takes. */
  constructor(field: number, constants: readonly Constant[]) {
    this.#field = field;
    this.#constants = constants;
    this.#keys = new AttributeKeys(constants.map(({ key }) => key));
    const bits = (which: 'wherePresent' | 'whereAbsent'): number =>
      constants.reduce((sum, constant, i) => (constant[which] ? sum | (1 << i) : sum), 0);
    this.#wherePresent = bits('wherePresent');
    this.#whereAbsent = bits('whereAbsent');
    const added = constants.filter((one) => one.whereAbsent);
    this.#all = new SharedBytes(Buffer.concat(added.map(({ pair }) => pair.bytes)));
  }

  apply(message: Message): void {
    const present = presentKeys(message, this.#field, this.#keys);
    if (present === 0) {
      if (this.#whereAbsent === 0) return;
      const at = this.#all.addressIn(message.space);
      return message.append(at, at + this.#all.bytes.length);
    }
    const changed = present & this.#wherePresent;
    if (changed !== 0) this.#change(message, changed);
    const added = ~present & this.#whereAbsent;
    if (added !== 0) this.#add(message, added);
  }

  #change(message: Message, bits: number): void {
    for (let i = 0; i < this.#constants.length; i++) {
      const { key, pair } = this.#constants[i];
      if ((bits & (1 << i)) !== 0) putConstant(message, this.#field, key, pair);
    }
  }

  #add(message: Message, bits: number): void {
    const mark = message.mark();
    for (let i = 0; i < this.#constants.length; i++)
      if ((bits & (1 << i)) !== 0) message.scratch.raw(this.#constants[i].pair.bytes);
    message.append(mark);
  }
}
