/** Converters to digests and encodings. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`. */
import { createHash, randomUUID } from 'node:crypto';
import { fail } from '../error.ts';
import { bounded } from '../text.ts';
import { Id, int64, typeName, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';
import type { Getter } from '../telemetry.ts';

const digest = (name: string, algorithm: string): Converter =>
  converter(name, ['value'], 'string', `The ${algorithm} digest of the string, in hex.`, (args) => {
    const value = args.string(0);
    return (t) => createHash(algorithm).update(value(t)).digest('hex');
  });

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
  const text = written.replace(/[\r\n]/g, '');
  const digits = padded ? text.replace(/={1,2}$/, '') : text;
  const complete = padded ? text.length % 4 === 0 : digits.length % 4 !== 1;
  if (!complete || foreign.test(digits)) return fail(`the text is no ${encoding}`);
  return Buffer.from(digits, 'base64').toString('utf8');
}

function bytesOf(value: Value, name: string): string {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array
    ? Buffer.from(value).toString('utf8')
    : fail(`${name} takes a string, got ${typeName(value)}`);
}

function decode(args: Arguments): Getter {
  const value = args.value(0);
  const encoding = args.literal(1);
  if (!Object.hasOwn(BASE64, encoding))
    throw args.wrong(1, `the encoding "${encoding}" is not available`, `one of ${Object.keys(BASE64).join(', ')}`);
  return (t) => decoded(bytesOf(value(t), 'Decode'), encoding);
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
    return (t) => decoded(bytesOf(value(t), 'Base64Decode'), 'base64');
  }),
  converter('Base64Encode', ['value'], 'string', 'The string or bytes in base64.', (args) => {
    const value = args.value(0);
    return (t) => {
      const of = value(t);
      const from = of instanceof Uint8Array ? of : bytesOf(of, 'Base64Encode');
      return bounded(Buffer.from(from).toString('base64'));
    };
  }),
  converter('Decode', ['value', 'encoding'], 'string', 'What the text in an encoding of base64 stands for.', decode),
  converter('UUID', [], 'string', 'A new random UUID.', () => () => randomUUID()),
];
