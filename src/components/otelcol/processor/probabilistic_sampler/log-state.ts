/**
 * What a log record says of its sampling: its attributes `sampling.threshold` and `sampling.randomness`, texts of hex digits. Found in
 * bytes, and written back. Reused.
 */
import { copyValue } from '#codec/otlp/attribute-edit.ts';
import { ANY_VALUE, LOG_RECORD } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { Bits56, HEX_DIGITS } from './bits56.ts';
import type { SamplingState } from './sampling-state.ts';

const THRESHOLD = Buffer.from('sampling.threshold');
const RANDOMNESS = Buffer.from('sampling.randomness');
const STRING_TAG = (ANY_VALUE.stringValue << 3) | LENGTH;
/** Of an AnyValue: tag and length of a text. */
const HEAD_BYTES = 2;

export class LogState implements SamplingState {
  readonly random = new Bits56();
  readonly threshold = new Bits56();
  hasRandom = false;
  hasThreshold = false;
  readonly #reader = new Reader();
  readonly #value = Buffer.alloc(HEAD_BYTES + HEX_DIGITS);
  #start = 0;
  #stop = 0;

  read(record: Message): boolean {
    this.hasThreshold = this.#find(record, THRESHOLD);
    if (this.hasThreshold && !this.threshold.readHex(record.buf, this.#start, this.#stop)) return false;
    this.hasRandom = this.#find(record, RANDOMNESS);
    if (!this.hasRandom) return true;
    return this.#stop - this.#start === HEX_DIGITS && this.random.readHex(record.buf, this.#start, this.#stop);
  }

  write(record: Message, threshold: Bits56, random: Bits56 | null): void {
    if (random !== null) {
      random.writeDigits(this.#value, HEAD_BYTES);
      this.#put(record, RANDOMNESS, HEX_DIGITS);
    }
    this.#put(record, THRESHOLD, threshold.writeThreshold(this.#value, HEAD_BYTES));
  }

  /** Finds the text of an attribute; false: there is none, or it is empty or something else. */
  #find(record: Message, key: Buffer): boolean {
    if (!record.find(LOG_RECORD.attributes, key)) return false;
    let isText = false;
    const reader = this.#reader.reset(record.buf, record.start, record.stop);
    while (reader.next()) {
      isText = reader.field === ANY_VALUE.stringValue && reader.wire === LENGTH;
      this.#start = reader.start;
      this.#stop = reader.stop;
    }
    return isText && this.#stop > this.#start;
  }

  #put(record: Message, key: Buffer, digits: number): void {
    const value = this.#value;
    value[0] = STRING_TAG;
    value[1] = digits;
    copyValue(record, LOG_RECORD.attributes, key, value, 0, HEAD_BYTES + digits);
  }
}
