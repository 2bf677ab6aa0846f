/** Where the value of an insert, update or upsert comes from. */
import type { PlainValue } from '#codec/otlp/any-value.ts';
import { constantPair, copyValue, putConstant } from '#codec/otlp/attribute-edit.ts';
import type { ConstantField } from '#codec/otlp/constant-field.ts';
import type { Message } from '#codec/otlp/message.ts';
import { plainValue } from '#components/kit/blocks/plain-value.ts';
import type { ContextValues } from './context-values.ts';
import type { ActionArgs } from './schema.ts';

/** Sets the attribute of the action, unless there is no value. */
export interface Source {
  put(message: Message): void;
}

export function sourceOf(args: ActionArgs, field: number, key: Buffer, context: ContextValues): Source {
  if (args.value !== undefined) return new Constant(field, key, constantOf(args.value));
  if (args.from_context !== '') return new FromContext(field, key, args.from_context, context);
  return new FromAttribute(field, key, Buffer.from(args.from_attribute));
}

/** The schema has made sure that it is one. */
export const constantOf = (value: unknown): PlainValue => plainValue(value) ?? null;

class Constant implements Source {
  readonly #field: number;
  readonly #key: Buffer;
  readonly #pair: ConstantField;

  constructor(field: number, key: Buffer, value: PlainValue) {
    this.#field = field;
    this.#key = key;
    this.#pair = constantPair(field, key, value);
  }

  put(message: Message): void {
    putConstant(message, this.#field, this.#key, this.#pair);
  }
}

class FromAttribute implements Source {
  readonly #field: number;
  readonly #key: Buffer;
  readonly #from: Buffer;

  constructor(field: number, key: Buffer, from: Buffer) {
    this.#field = field;
    this.#key = key;
    this.#from = from;
  }

  put(message: Message): void {
    if (message.find(this.#field, this.#from))
      copyValue(message, this.#field, this.#key, message.buf, message.start, message.stop);
  }
}

class FromContext implements Source {
  readonly #field: number;
  readonly #key: Buffer;
  readonly #name: string;
  readonly #context: ContextValues;
  /** Of the batch `#turn`; null: it has no value. */
  #pair: ConstantField | null = null;
  #turn = -1;

  constructor(field: number, key: Buffer, name: string, context: ContextValues) {
    this.#field = field;
    this.#key = key;
    this.#name = name;
    this.#context = context;
  }

  put(message: Message): void {
    if (this.#turn !== this.#context.turn) {
      this.#turn = this.#context.turn;
      const value = this.#context.value(this.#name);
      this.#pair = value === null ? null : constantPair(this.#field, this.#key, value);
    }
    if (this.#pair !== null) putConstant(message, this.#field, this.#key, this.#pair);
  }
}
