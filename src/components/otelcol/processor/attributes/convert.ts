/**
 * convert: another type for the value. What cannot be converted stays as it is: texts that are no number, and lists, maps and bytes
 * other than to string. Doubles beyond the range of ints become its nearest end.
 */
import { readAnyValue, type PlainValue } from '#codec/otlp/any-value.ts';
import { replaceValue } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import { textOf } from '#codec/otlp/value-text.ts';
import { toDouble, toInt } from '#ottl/functions/types.ts';
import type { Action } from './actions.ts';

type Scalar = string | bigint | number;

export function convertAction(field: number, key: Buffer, type: string): Action {
  return new Convert(field, key, type === 'int' ? intOf : type === 'double' ? doubleOf : textOf);
}

const isScalar = (value: PlainValue): value is Scalar | boolean =>
  typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint' || typeof value === 'number';
const intOf = (value: PlainValue): bigint | null => (isScalar(value) ? toInt(value) : null);
const doubleOf = (value: PlainValue): number | null => (isScalar(value) ? toDouble(value) : null);

class Convert implements Action {
  readonly #field: number;
  readonly #key: Buffer;
  readonly #convert: (value: PlainValue) => Scalar | null;

  constructor(field: number, key: Buffer, convert: (value: PlainValue) => Scalar | null) {
    this.#field = field;
    this.#key = key;
    this.#convert = convert;
  }

  apply(message: Message): void {
    if (!message.find(this.#field, this.#key)) return;
    const { row, buf, start, stop } = message;
    const value = readAnyValue(buf, start, stop);
    const converted = this.#convert(value);
    if (converted === null || converted === value) return;
    replaceValue(message, row, this.#field, this.#key, 0, this.#key.length, converted);
  }
}
