/**
 * XXH3 of 64 and 128 bits with the seed 0 and the default secret, as hex, most significant byte first. Facts: the xxHash
 * specification `doc/xxhash_spec.md`. Up to 240 bytes each range of lengths has its own mixing; longer texts go through eight
 * accumulators in stripes of 64 bytes, 16 stripes to a block.
 */
const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);
const P32_1 = 0x9e3779b1n;
const P32_2 = 0x85ebca77n;
const P32_3 = 0xc2b2ae3dn;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
const RRMXMX = 0x9fb21c651e98df25n;

const STRIPE = 64;
const BLOCK = 1024;
const LOW = 0xffffffffn;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const secret = (at: number): bigint => SECRET.readBigUInt64LE(at);
const secret32 = (at: number): bigint => BigInt(SECRET.readUInt32LE(at));
const rotated = (value: bigint, by: bigint): bigint => u64((value << by) | (value >> (64n - by)));
const shifted = (value: bigint, by: bigint): bigint => value ^ (value >> by);
/** Both halves of a product of 128 bits. */
const folded = (a: bigint, b: bigint): bigint => u64(a * b) ^ ((a * b) >> 64n);
const avalanche = (hash: bigint): bigint => shifted(u64(shifted(hash, 37n) * 0x165667919e3779f9n), 32n);
const avalanche64 = (hash: bigint): bigint => shifted(u64(shifted(u64(shifted(hash, 33n) * P2), 29n) * P3), 32n);

function swapped(value: bigint): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE();
}

const mix16 = (bytes: Buffer, at: number, key: number): bigint =>
  folded(bytes.readBigUInt64LE(at) ^ secret(key), bytes.readBigUInt64LE(at + 8) ^ secret(key + 8));

/** One to three bytes as 32 bits. */
const combined = (bytes: Buffer): number =>
  ((bytes[0] << 16) | (bytes[bytes.length >> 1] << 24) | bytes[bytes.length - 1] | (bytes.length << 8)) >>> 0;

export function xxh3(text: string): string {
  return hexOf(xxh3Of(Buffer.from(text)));
}

export function xxh128(text: string): string {
  const [low, high] = xxh128Of(Buffer.from(text));
  return hexOf(high) + hexOf(low);
}

const hexOf = (value: bigint): string => value.toString(16).padStart(16, '0');

function xxh3Of(bytes: Buffer): bigint {
  const { length } = bytes;
  const size = BigInt(length);
  if (length === 0) return avalanche64(secret(56) ^ secret(64));
  if (length <= 3) return avalanche64(BigInt(combined(bytes)) ^ secret32(0) ^ secret32(4));
  if (length <= 8) {
    const input = BigInt(bytes.readUInt32LE(length - 4)) + (BigInt(bytes.readUInt32LE(0)) << 32n);
    let hash = input ^ secret(8) ^ secret(16);
    hash ^= rotated(hash, 49n) ^ rotated(hash, 24n);
    hash = u64(hash * RRMXMX);
    hash ^= (hash >> 35n) + size;
    return shifted(u64(u64(hash) * RRMXMX), 28n);
  }
  if (length <= 16) {
    const low = bytes.readBigUInt64LE(0) ^ secret(24) ^ secret(32);
    const high = bytes.readBigUInt64LE(length - 8) ^ secret(40) ^ secret(48);
    return avalanche(u64(size + swapped(low) + high + folded(low, high)));
  }
  if (length <= 128) {
    let hash = u64(size * P1);
    for (let i = (length - 1) >> 5; i >= 0; i--)
      hash += mix16(bytes, 16 * i, 32 * i) + mix16(bytes, length - 16 * (i + 1), 32 * i + 16);
    return avalanche(u64(hash));
  }
  if (length <= 240) {
    let hash = size * P1;
    for (let i = 0; i < 8; i++) hash += mix16(bytes, 16 * i, 16 * i);
    hash = avalanche(u64(hash));
    for (let i = 8; i < length >> 4; i++) hash += mix16(bytes, 16 * i, 16 * (i - 8) + 3);
    return avalanche(u64(hash + mix16(bytes, length - 16, 119)));
  }
  return merged(accumulated(bytes), 11, u64(size * P1));
}

function xxh128Of(bytes: Buffer): readonly [low: bigint, high: bigint] {
  const { length } = bytes;
  const size = BigInt(length);
  if (length === 0) return [avalanche64(secret(64) ^ secret(72)), avalanche64(secret(80) ^ secret(88))];
  if (length <= 3) {
    const low = combined(bytes);
    const word = Buffer.alloc(4);
    word.writeUInt32LE(low);
    const turned = word.readUInt32BE();
    const high = ((turned << 13) | (turned >>> 19)) >>> 0;
    return [
      avalanche64(BigInt(low) ^ secret32(0) ^ secret32(4)),
      avalanche64(BigInt(high) ^ secret32(8) ^ secret32(12)),
    ];
  }
  if (length <= 8) {
    const input = BigInt(bytes.readUInt32LE(0)) + (BigInt(bytes.readUInt32LE(length - 4)) << 32n);
    const product = (input ^ secret(16) ^ secret(24)) * (P1 + (size << 2n));
    let low = u64(product);
    const high = u64((product >> 64n) + (low << 1n));
    low ^= high >> 3n;
    return [shifted(u64(shifted(low, 35n) * RRMXMX), 28n), avalanche(high)];
  }
  if (length <= 16) {
    const start = bytes.readBigUInt64LE(0);
    let end = bytes.readBigUInt64LE(length - 8);
    const product = (start ^ end ^ secret(32) ^ secret(40)) * P1;
    end ^= secret(48) ^ secret(56);
    const high = u64((product >> 64n) + end + (end & LOW) * (P32_2 - 1n));
    const low = u64(product + ((size - 1n) << 54n)) ^ swapped(high);
    return [avalanche(u64(low * P2)), avalanche(u64(((low * P2) >> 64n) + high * P2))];
  }
  if (length <= 240) return middle128(bytes);
  const sums = accumulated(bytes);
  return [merged(sums, 11, u64(size * P1)), merged(sums, 117, u64(~(size * P2)))];
}

function middle128(bytes: Buffer): readonly [bigint, bigint] {
  const { length } = bytes;
  const size = BigInt(length);
  let low = u64(size * P1);
  let high = 0n;
  const sum = (at: number): bigint => u64(bytes.readBigUInt64LE(at) + bytes.readBigUInt64LE(at + 8));
  const mix32 = (one: number, two: number, key: number): void => {
    low = u64(low + mix16(bytes, one, key)) ^ sum(two);
    high = u64(high + mix16(bytes, two, key + 16)) ^ sum(one);
  };
  if (length <= 128) for (let i = (length - 1) >> 5; i >= 0; i--) mix32(16 * i, length - 16 * (i + 1), 32 * i);
  else {
    for (let at = 0; at < 128; at += 32) mix32(at, at + 16, at);
    low = avalanche(low);
    high = avalanche(high);
    for (let at = 128; at + 32 <= length; at += 32) mix32(at, at + 16, at - 125);
    mix32(length - 16, length - 32, 103);
  }
  return [avalanche(u64(low + high)), u64(-avalanche(u64(low * P1 + high * P4 + size * P2)))];
}

/** The eight accumulators after all of a text of more than 240 bytes. */
function accumulated(bytes: Buffer): bigint[] {
  const sums = [P32_3, P1, P2, P3, P4, P32_2, P5, P32_1];
  const last = bytes.length - 1;
  for (let at = 0, stripe = 0; at + STRIPE <= last; at += STRIPE) {
    accumulate(sums, bytes, at, 8 * stripe);
    if (++stripe < BLOCK / STRIPE) continue;
    stripe = 0;
    // Only after a whole block with more behind it.
    for (let i = 0; i < 8; i++) sums[i] = u64((shifted(sums[i], 47n) ^ secret(128 + 8 * i)) * P32_1);
  }
  accumulate(sums, bytes, bytes.length - STRIPE, 121);
  return sums;
}

function accumulate(sums: bigint[], bytes: Buffer, at: number, key: number): void {
  for (let i = 0; i < 8; i++) {
    const data = bytes.readBigUInt64LE(at + 8 * i);
    const mixed = data ^ secret(key + 8 * i);
    sums[i ^ 1] = u64(sums[i ^ 1] + data);
    sums[i] = u64(sums[i] + (mixed & LOW) * (mixed >> 32n));
  }
}

function merged(sums: readonly bigint[], key: number, start: bigint): bigint {
  let hash = start;
  for (let i = 0; i < 8; i += 2) hash += folded(sums[i] ^ secret(key + 8 * i), sums[i + 1] ^ secret(key + 8 * i + 8));
  return avalanche(u64(hash));
}
