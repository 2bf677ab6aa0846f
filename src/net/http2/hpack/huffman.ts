/**
 * The Huffman code of HPACK (RFC 7541 5.2 and appendix B), decoding only.
 *
 *     text   code of the 1st octet, code of the 2nd, ..., padding: 0 to 7 bits, all ones (the beginning of EOS)
 *
 * The code is canonical: codes of one length are consecutive numbers in the order of their symbols, and follow those of
 * the length before, shifted left. So the lengths say all.
 *
 * Decoding goes through a state machine, 4 bits a step. No code is shorter than 5 bits, so a step ends at most one symbol.
 * The machine takes 16 KiB; one with 8 bits a step would take 256 KiB and be out of the cache whenever it is needed.
 */
import { HpackError } from './error.ts';

/** Bits of the code of each octet, then of EOS (256). */
export const CODE_LENGTHS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
];

const EOS = 256;
const SHORTEST = 5;
const LONGEST = 30;
/** A code with 257 symbols has 256 inner nodes. EOS comes first into the tree, so state n, up to 29, is "n ones were read". */
const STATES = 256;
/** Reached by EOS, never left. */
const FAILED = STATES;
/** More ones than this at the end are more than padding may be. */
const LAST_PADDED = 7;

// A step: bits 0-8 the next state, 9-16 the symbol that ended, 17 that one ended.
const NEXT = 0x1ff;
const SYMBOL_SHIFT = 9;
const ENDED_SHIFT = 17;
/** The step from a state with the next 4 bits, at `state << 4 | bits`. */
const STEPS = makeSteps(makeTree());

/** Short texts are put together here. */
const scratch = Buffer.allocUnsafeSlow(1024);

/** The most octets that `bytes` octets of Huffman code can stand for. */
export function huffmanBound(bytes: number): number {
  return Math.floor((bytes * 8) / SHORTEST);
}

/**
 * The text that bytes[start, end) stand for, as latin1. Throws an {@link HpackError} for EOS, for wrong padding, and for a
 * text of more than `limitBytes` octets, which is not put together.
 */
export function huffmanDecode(bytes: Buffer, start: number, end: number, limitBytes: number): string {
  let most = huffmanBound(end - start);
  if (most > limitBytes) {
    most = huffmanLength(bytes, start, end);
    if (most > limitBytes) throw new HpackError(`a Huffman-coded string of more than ${limitBytes} bytes`);
  }
  // A step writes before it knows whether a symbol ended: one octet more.
  const out = most < scratch.length ? scratch : Buffer.allocUnsafe(most + 1);
  let length = 0;
  let state = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    let step = STEPS[(state << 4) | (byte >>> 4)];
    out[length] = step >>> SYMBOL_SHIFT;
    length += step >>> ENDED_SHIFT;
    step = STEPS[((step & NEXT) << 4) | (byte & 15)];
    out[length] = step >>> SYMBOL_SHIFT;
    length += step >>> ENDED_SHIFT;
    state = step & NEXT;
  }
  if (state > LAST_PADDED) throw wrongEnd(state);
  return out.toString('latin1', 0, length);
}

/** The octets of the text that bytes[start, end) stand for; throws as {@link huffmanDecode} does, and builds nothing. */
export function huffmanLength(bytes: Buffer, start: number, end: number): number {
  let length = 0;
  let state = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    const high = STEPS[(state << 4) | (byte >>> 4)];
    const low = STEPS[((high & NEXT) << 4) | (byte & 15)];
    length += (high >>> ENDED_SHIFT) + (low >>> ENDED_SHIFT);
    state = low & NEXT;
  }
  if (state > LAST_PADDED) throw wrongEnd(state);
  return length;
}

function wrongEnd(state: number): HpackError {
  return new HpackError(state === FAILED ? 'EOS in a Huffman-coded string' : 'wrong padding of a Huffman-coded string');
}

/** The code tree: at `2 * state + bit` the next state, or the complement of the symbol that ends there. */
function makeTree(): Int16Array {
  const tree = new Int16Array(2 * STATES);
  let states = 1;
  const add = (symbol: number, code: number, length: number): void => {
    let state = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const edge = 2 * state + ((code >>> bit) & 1);
      if (tree[edge] === 0) tree[edge] = states++;
      state = tree[edge];
    }
    tree[2 * state + (code & 1)] = ~symbol;
  };
  add(EOS, 2 ** LONGEST - 1, LONGEST);
  for (let length = SHORTEST, code = 0; length <= LONGEST; length++, code *= 2) {
    for (let symbol = 0; symbol < EOS; symbol++) {
      if (CODE_LENGTHS[symbol] === length) add(symbol, code++, length);
    }
  }
  return tree;
}

function makeSteps(tree: Int16Array): Int32Array {
  const steps = new Int32Array((STATES + 1) * 16).fill(FAILED);
  for (let from = 0; from < STATES; from++) {
    for (let bits = 0; bits < 16; bits++) {
      let state = from;
      let ended = 0;
      for (let bit = 3; bit >= 0 && state !== FAILED; bit--) {
        const next = tree[2 * state + ((bits >>> bit) & 1)];
        if (next >= 0) state = next;
        else if (~next === EOS) state = FAILED;
        else {
          state = 0;
          ended = (1 << ENDED_SHIFT) | (~next << SYMBOL_SHIFT);
        }
      }
      steps[(from << 4) | bits] = state === FAILED ? FAILED : state | ended;
    }
  }
  return steps;
}
