import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyHash, wordsHash } from '#codec/key-hash.ts';

/** Most of 2^10 keys that have one hash. */
function mostAlike(hashes: Iterable<number>): number {
  const times = new Map<number, number>();
  for (const hash of hashes) times.set(hash, (times.get(hash) ?? 0) + 1);
  return Math.max(...times.values());
}

/**
 * Of ten pairs of words, each with or without a difference that words mixed in by xor, multiplication and a shift of `shift` cancel
 * whatever they start from: the top bit, then what becomes of it. `step`: words from one of a pair to the other.
 */
function* chosen(shift: number, step: number): Generator<Int32Array> {
  for (let set = 0; set < 1024; set++) {
    const words = Int32Array.from({ length: 40 }, (_, i) => Math.imul(i, 0x1234567));
    for (let pair = 0; pair < 10; pair++) {
      if (((set >> pair) & 1) === 0) continue;
      const at = step === 1 ? pair * 2 : Math.floor(pair / 2) * 4 + (pair & 1);
      words[at] ^= 0x8000_0000;
      words[at + step] ^= 0x8000_0000 ^ (0x8000_0000 >>> shift);
    }
    yield words;
  }
}

test('keys that collide under simpler hashes, whatever their start, do not', () => {
  for (const shift of [13, 15, 16])
    for (const step of [1, 2]) {
      const keys = [...chosen(shift, step)];
      assert.ok(mostAlike(keys.map((words) => wordsHash(words, words.length, 160))) < 8);
      assert.ok(mostAlike(keys.map((words) => keyHash(new Uint8Array(words.buffer), 0, 160, 1))) < 8);
    }
});

test('length, owner and each byte count, in keys of any length', () => {
  for (const length of [0, 1, 3, 4, 7, 8192, 8193, 20_000]) {
    const key = Buffer.alloc(length + 1, 1);
    const hashes = [keyHash(key, 0, length, 1), keyHash(key, 0, length, 2), keyHash(key, 0, length + 1, 1)];
    for (const at of new Set(length === 0 ? [] : [0, length >> 1, length - 1])) {
      for (key[at] = 2; key[at] < 8; key[at]++) hashes.push(keyHash(key, 0, length, 1));
      key[at] = 1;
    }
    // Two may be alike by chance, seldom.
    assert.ok(mostAlike(hashes) <= 2, String(length));
  }
});

test('where the bytes lie does not matter', () => {
  const key = Buffer.from('one behind the other');
  const elsewhere = Buffer.concat([Buffer.from('xyz'), key, Buffer.from('!')]);
  assert.equal(keyHash(key, 0, key.length, 5), keyHash(elsewhere, 3, 3 + key.length, 5));
});

test('consecutive numbers spread over places', () => {
  const places = new Set<number>();
  for (let i = 0; i < 4096; i++) {
    const key = Buffer.from(`GET /users/${i}`);
    places.add(keyHash(key, 0, key.length, 1) & 4095);
  }
  // Of 4096 balls in 4096 boxes, 2589 are not empty.
  assert.ok(places.size > 2300, String(places.size));
});
