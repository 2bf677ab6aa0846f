/**
 * Random wire messages, made by hand from the oracle's schema so that they have what real encoders never write: fields in any
 * order and more than once, unknown fields of all wire types, groups, packed and single numbers mixed, lengths with padding.
 */
import protobuf from 'protobufjs';

/** A small seeded generator (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }
  /** 0 <= n < bound. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * bound);
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
  bytes(n: number): Buffer {
    return Buffer.from(Array.from({ length: n }, () => this.below(256)));
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }
}

/** A varint, with up to two bytes of padding if `padding`. */
export function varint(value: bigint | number, padding = 0): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
  for (let i = 0; i < padding && out.length < 10; i++) {
    out[out.length - 1] |= 0x80;
    out.push(0);
  }
  return Buffer.from(out);
}

export const tag = (field: number, wire: number): Buffer => varint(field * 8 + wire);

/** A length-delimited field. */
export const delimited = (field: number, content: Buffer | string, padding = 0): Buffer => {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([tag(field, 2), varint(bytes.length, padding), bytes]);
};

export interface WireOptions {
  /** Roughly how many fields each message has. */
  readonly width: number;
  /** Messages inside messages; below it, only scalars are made. */
  readonly depth: number;
  readonly unknown: boolean;
}

const TEXTS = [
  '',
  'a',
  'service.name',
  'GET /cart',
  'naïve — ünïcode ✓',
  '😀',
  '"quoted\\" <&>\u2028',
  'x'.repeat(130),
];
const DOUBLES = [0, -0, 1, -1.5, 1e21, 1e-7, 123456.789, Infinity, -Infinity, NaN, Number.MIN_VALUE, Number.MAX_VALUE];
const INTEGERS = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 64n - 1n,
];

export function randomMessage(random: Random, type: protobuf.Type, options: WireOptions): Buffer {
  const parts: Buffer[] = [];
  const oneofs = new Set<string>();
  const fields = random.below(options.width + 1);
  const known = type.fieldsArray.map((field) => field.resolve());
  for (let i = 0; i < fields; i++) {
    if (options.unknown && random.chance(10)) {
      parts.push(unknownField(random, 0));
      continue;
    }
    const field = random.pick(known);
    if (field.resolvedType instanceof protobuf.Type && options.depth === 0) continue;
    // Two members of one oneof are a test of their own: decoders do not agree on what to keep of the first.
    if (field.partOf !== null && !isOptional(field)) {
      if (oneofs.has(field.partOf.name)) continue;
      oneofs.add(field.partOf.name);
    }
    parts.push(knownField(random, field, options));
  }
  return Buffer.concat(parts);
}

const isOptional = (field: protobuf.Field): boolean => field.partOf?.name.startsWith('_') === true;

function knownField(random: Random, field: protobuf.Field, options: WireOptions): Buffer {
  const padding = random.chance(5) ? 1 + random.below(2) : 0;
  if (field.resolvedType instanceof protobuf.Type) {
    return delimited(
      field.id,
      randomMessage(random, field.resolvedType, { ...options, depth: options.depth - 1 }),
      padding,
    );
  }
  if (field.type === 'string') return delimited(field.id, random.pick(TEXTS), padding);
  if (field.type === 'bytes') {
    const size = field.name === 'bytesValue' ? random.below(40) : field.name === 'traceId' ? 16 : 8;
    return delimited(field.id, random.chance(10) ? Buffer.alloc(0) : random.bytes(size), padding);
  }
  const wire = (protobuf.types.basic as Readonly<Record<string, number>>)[field.type] ?? 0;
  if (!field.repeated || random.chance(30))
    return Buffer.concat([tag(field.id, wire), scalar(random, field.type, wire)]);
  return delimited(
    field.id,
    Buffer.concat(Array.from({ length: random.below(5) }, () => scalar(random, field.type, wire))),
    padding,
  );
}

function scalar(random: Random, type: string, wire: number): Buffer {
  if (type === 'double') {
    const out = Buffer.alloc(8);
    out.writeDoubleLE(random.pick(DOUBLES));
    return out;
  }
  const value = random.chance(50) ? BigInt(random.below(300)) : random.pick(INTEGERS);
  if (wire === 0)
    return varint(
      type === 'bool' ? value & 1n : type.endsWith('64') ? value : BigInt.asIntN(32, value),
      random.chance(5) ? 1 : 0,
    );
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt.asUintN(64, value));
  return out.subarray(0, wire === 5 ? 4 : 8);
}

function unknownField(random: Random, depth: number): Buffer {
  const field = random.pick([17, 31, 32, 100, 1000, 2 ** 20, 2 ** 28]);
  switch (random.below(depth < 3 ? 5 : 4)) {
    case 0:
      return Buffer.concat([tag(field, 0), varint(random.pick(INTEGERS))]);
    case 1:
      return Buffer.concat([tag(field, 1), random.bytes(8)]);
    case 2:
      return delimited(field, random.bytes(random.below(30)));
    case 3:
      return Buffer.concat([tag(field, 5), random.bytes(4)]);
    default:
      return Buffer.concat([
        tag(field, 3),
        ...Array.from({ length: random.below(3) }, () => unknownField(random, depth + 1)),
        tag(field, 4),
      ]);
  }
}
