/** Converters to digests and encodings. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { fail } from '../error.ts';
import { bounded } from '../text.ts';
import { Id, int64, typeName, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';
import { murmur128, murmur32 } from './murmur3.ts';
import { xxh128, xxh3 } from './xxh3.ts';
import type { Getter } from '../telemetry.ts';

const hashed = (name: string, doc: string, of: (text: string) => string): Converter =>
  converter(name, ['value'], 'string', doc, (args) => {
    const value = args.string(0);
    return (t) => of(value(t));
  });
const digest = (name: string, algorithm: string): Converter =>
  hashed(name, `The ${algorithm} digest of the string, in hex.`, (text) =>
    createHash(algorithm).update(text).digest('hex'),
  );

/** FNV-1a of 64 bits (Go's fnv.New64a), as an int. */
function fnv(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return int64(hash);
}

function hex(value: Value): Value {
  if (typeof value === 'string') return bounded(Buffer.from(value).toString('hex'));
  if (typeof value === 'boolean') return value ? '01' : '00';
  if (value instanceof Id) return value.hex;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  const bytes = Buffer.alloc(8);
  if (typeof value === 'number') bytes.writeDoubleBE(value);
  else if (typeof value === 'bigint') bytes.writeBigInt64BE(value);
  else return null;
  return bytes.toString('hex');
}

/** What a text of the encoding has nothing of, and whether it is filled up to four characters. */
const BASE64: Readonly<Record<string, { readonly foreign: RegExp; readonly padded: boolean }>> = {
  base64: { foreign: /[^A-Za-z0-9+/]/, padded: true },
  'base64-raw': { foreign: /[^A-Za-z0-9+/]/, padded: false },
  'base64-url': { foreign: /[^A-Za-z0-9_-]/, padded: true },
  'base64-raw-url': { foreign: /[^A-Za-z0-9_-]/, padded: false },
};

/** Line breaks are passed over, as in Go. */
function decoded(written: string, encoding: string): string {
  const { foreign, padded } = BASE64[encoding];
  const text = written.trim().replace(/[\r\n]/g, '');
  const digits = padded ? text.replace(/={1,2}$/, '') : text;
  const complete = padded ? text.length % 4 === 0 : digits.length % 4 !== 1;
  if (!complete || foreign.test(digits)) return fail(`the text is no ${encoding}`);
  return Buffer.from(digits, 'base64').toString('utf8');
}

function bytesOf(value: Value, name: string): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  return value instanceof Uint8Array
    ? Buffer.from(value)
    : fail(`${name} takes a string or bytes, got ${typeName(value)}`);
}

type Decoder = (bytes: Buffer) => string;

/** Names that mean something else to upstream than to the encoding standard of the web. */
const CHARSETS: Readonly<Record<string, BufferEncoding>> = {
  '': 'utf8',
  ascii: 'utf8',
  'us-ascii': 'utf8',
  'iso-8859-1': 'latin1',
  latin1: 'latin1',
  'utf-16': 'utf16le',
  utf16: 'utf16le',
};

/** Null for an encoding that is not known. */
function decoder(encoding: string): Decoder | null {
  if (Object.hasOwn(BASE64, encoding)) return (bytes) => decoded(bytes.toString('utf8'), encoding);
  const name = encoding.toLowerCase();
  if (Object.hasOwn(CHARSETS, name)) return (bytes) => bytes.toString(CHARSETS[name]);
  try {
    const web = new TextDecoder(name, { ignoreBOM: true });
    return (bytes) => web.decode(bytes);
  } catch {
    return null;
  }
}

function decode(args: Arguments): Getter {
  const value = args.value(0);
  const encoding = args.string(1);
  const known = args.constant(1);
  if (typeof known === 'string') {
    const of = decoder(known);
    if (of === null)
      throw args.wrong(
        1,
        `the encoding "${known}" is not available`,
        `one of ${Object.keys(BASE64).join(', ')}, or a character set: utf-16le, gbk, shift_jis`,
      );
    return (t) => of(bytesOf(value(t), 'Decode'));
  }
  return (t) => {
    const name = encoding(t);
    const of = decoder(name) ?? fail(`the encoding "${name}" is not available`);
    return of(bytesOf(value(t), 'Decode'));
  };
}

const BASE64_WRITERS: Readonly<Record<string, (base64: string) => string>> = {
  base64: (text) => text,
  'base64-raw': (text) => text.replace(/={1,2}$/, ''),
  'base64-url': (text) => text.replaceAll('+', '-').replaceAll('/', '_'),
  'base64-raw-url': (text) =>
    text
      .replace(/={1,2}$/, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
};

function encode(args: Arguments): Getter {
  const value = args.value(0);
  const variant = args.literal(1, 'base64');
  if (!Object.hasOwn(BASE64_WRITERS, variant))
    throw args.wrong(1, `there is no base64 called "${variant}"`, `one of ${Object.keys(BASE64_WRITERS).join(', ')}`);
  const write = BASE64_WRITERS[variant];
  return (t) => bounded(write(bytesOf(value(t), 'Base64Encode').toString('base64')));
}

/** RFC 9562: 48 bits of milliseconds, the version 7, and random bits. */
function uuidV7(ms: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.max(0, Math.floor(ms)) % 2 ** 48, 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const HASHES: readonly Converter[] = [
  digest('MD5', 'md5'),
  digest('SHA1', 'sha1'),
  digest('SHA256', 'sha256'),
  digest('SHA512', 'sha512'),
  converter('FNV', ['value'], 'int', 'The 64-bit FNV-1a hash of the string.', (args) => {
    const value = args.string(0);
    return (t) => fnv(value(t));
  }),
  converter(
    'Hex',
    ['value'],
    'string',
    'The value in hex: text and bytes as they are, numbers in 8 bytes; nil for anything else.',
    (args) => {
      const value = args.value(0);
      return (t) => hex(value(t));
    },
  ),
  converter('Base64Decode', ['value'], 'string', 'What the base64 text stands for.', (args) => {
    const value = args.value(0);
    return (t) => decoded(bytesOf(value(t), 'Base64Decode').toString('utf8'), 'base64');
  }),
  converter(
    'Base64Encode',
    ['value', 'variant?'],
    'string',
    'The string or bytes in base64, or one of its variants base64-raw, base64-url, base64-raw-url.',
    encode,
  ),
  converter(
    'Decode',
    ['value', 'encoding'],
    'string',
    'What the text or bytes stand for in an encoding of base64, or in a character set like utf-16le, gbk or shift_jis.',
    decode,
  ),
  hashed('XXH3', 'The 64-bit XXH3 hash of the string, in hex.', xxh3),
  hashed('XXH128', 'The 128-bit XXH3 hash of the string, in hex.', xxh128),
  hashed('Murmur3Hash', 'The 32-bit MurmurHash3 of the string, in hex, least significant byte first.', murmur32),
  hashed('Murmur3Hash128', 'The 128-bit MurmurHash3 of the string, in hex, least significant byte first.', murmur128),
  converter('UUID', [], 'string', 'A new random UUID.', () => () => randomUUID()),
  converter(
    'UUIDv7',
    [],
    'string',
    'A new UUID that begins with the time: of version 7.',
    () => (t) => uuidV7(t.nowMs),
  ),
];
