import type { Message } from '#codec/otlp/message.ts';
import type { Bits56 } from './bits56.ts';

/** What an item says of its sampling so far: where that is depends on the signal. Reused from item to item. */
export interface SamplingState {
  /** An explicit random value, and the threshold of the sampling that was: of the item that was read last, if it has them. */
  readonly random: Bits56;
  readonly threshold: Bits56;
  hasRandom: boolean;
  /** Set to false, it is not what {@link write} goes by. */
  hasThreshold: boolean;
  /** False: it is malformed, and nothing is known. */
  read(item: Message): boolean;
  /** Writes a threshold into the item that was read, and a random value, if one is given, into one that has none. */
  write(item: Message, threshold: Bits56, random: Bits56 | null): void;
}
