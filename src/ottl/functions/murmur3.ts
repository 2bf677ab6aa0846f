/** MurmurHash3 with the seed 0: `x86_32` and `x64_128`, as digests in hex, least significant byte first. */
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotated = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
const rotated64 = (value: bigint, by: bigint): bigint => u64((value << by) | (value >> (64n - by)));

export function murmur32(text: string): string {
  const bytes = Buffer.from(text);
  let hash = 0;
  const mixed = (k: number): number => Math.imul(rotated(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4)
    hash = (Math.imul(rotated(hash ^ mixed(bytes.readInt32LE(at)), 13), 5) + 0xe6546b64) | 0;
  let tail = 0;
  for (let at = bytes.length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at];
  hash ^= mixed(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  const digest = Buffer.alloc(4);
  digest.writeInt32LE(hash ^ (hash >>> 16));
  return digest.toString('hex');
}

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

const first = (k: bigint): bigint => u64(rotated64(u64(k * C1), 31n) * C2);
const second = (k: bigint): bigint => u64(rotated64(u64(k * C2), 33n) * C1);

function final(k: bigint): bigint {
  k = u64((k ^ (k >> 33n)) * 0xff51afd7ed558ccdn);
  k = u64((k ^ (k >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return k ^ (k >> 33n);
}

export function murmur128(text: string): string {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const whole = length & ~15;
  let h1 = 0n;
  let h2 = 0n;
  for (let at = 0; at < whole; at += 16) {
    h1 = u64((rotated64(h1 ^ first(bytes.readBigUInt64LE(at)), 27n) + h2) * 5n + 0x52dce729n);
    h2 = u64((rotated64(h2 ^ second(bytes.readBigUInt64LE(at + 8)), 31n) + h1) * 5n + 0x38495ab5n);
  }
  const tail = Buffer.alloc(16);
  bytes.copy(tail, 0, whole);
  h1 ^= first(tail.readBigUInt64LE(0)) ^ BigInt(length);
  h2 ^= second(tail.readBigUInt64LE(8)) ^ BigInt(length);
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  h1 = final(h1);
  h2 = final(h2);
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  const digest = Buffer.alloc(16);
  digest.writeBigUInt64LE(h1, 0);
  digest.writeBigUInt64LE(h2, 8);
  return digest.toString('hex');
}
