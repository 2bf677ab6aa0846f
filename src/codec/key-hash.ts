/**
 * The hash of tables whose keys are bytes that senders choose. A secret that is drawn when the thread starts decides it, so nobody can
 * choose keys that collide; nothing that outlives the thread, or leaves it, may depend on it.
 *
 * A start value that is drawn is not enough: where words are mixed in by xor and multiplied by a number, two keys that differ in the
 * right bits of two words collide whatever the start was. So this is like NH (Black et al., UMAC, 1999): each word has a secret number
 * of its own added, the two halves of the sum are multiplied, and the products added up. Any two keys of a block collide with a
 * probability of 2^-15 at most, over the secret.
 */
import { randomFillSync } from 'node:crypto';

/** Words with a secret of their own; then what was added up is mixed, and the secret is used again. */
const BLOCK_WORDS = 2048;
const SECRET = randomFillSync(new Int32Array(BLOCK_WORDS));
const [LENGTH_FACTOR, OWNER_FACTOR] = randomFillSync(new Int32Array(2)).map((factor) => factor | 1);

/** Of `buf[start, end)`, a key of `owner`, an integer. Signed 32 bits, mixed so that any of them may be taken. */
export function keyHash(buf: Uint8Array, start: number, end: number, owner: number): number {
  let sum = Math.imul(end - start, LENGTH_FACTOR) + Math.imul(owner, OWNER_FACTOR);
  let at = start;
  let i = 0;
  for (; at + 4 <= end; at += 4) {
    if (i === BLOCK_WORDS) {
      sum = mix(sum);
      i = 0;
    }
    sum = (sum + product(buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16) | (buf[at + 3] << 24), SECRET[i++])) | 0;
  }
  if (at < end) {
    let word = 0;
    for (let shift = 0; at < end; at++, shift += 8) word |= buf[at] << shift;
    sum += product(word, SECRET[i & (BLOCK_WORDS - 1)]);
  }
  return mix(sum);
}

/** Of the first `count` words, at most {@link BLOCK_WORDS}; `length` tells keys apart that are equal but for zeros at their end. */
export function wordsHash(words: Int32Array, count: number, length: number): number {
  let sum = Math.imul(length, LENGTH_FACTOR);
  for (let i = 0; i < count; i++) sum = (sum + product(words[i], SECRET[i])) | 0;
  return mix(sum);
}

function product(word: number, secret: number): number {
  const sum = (word + secret) | 0;
  return Math.imul(sum & 0xffff, sum >>> 16);
}

/** The finalizer of MurmurHash3: every bit in changes about half of the bits out. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
