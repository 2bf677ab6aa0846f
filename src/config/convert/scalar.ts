/**
 * What a plain (unquoted) scalar means. Facts: gopkg.in/yaml.v3 resolve.go, decoding into an untyped value: YAML 1.2's words
 * plus Go's integers (`0777` and `0o777` octal, `0x`, `0b`, `_` between digits). `yes`, `on` and dates stay text.
 */
import type { Scalar } from '#config/yaml/node.ts';

const NULL = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUE = new Set(['true', 'True', 'TRUE']);
const FALSE = new Set(['false', 'False', 'FALSE']);
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** Longer digits are no 64-bit number and not worth a BigInt. */
const MAX_DIGITS = 80;

export function resolveScalar(text: string): Scalar {
  if (NULL.has(text)) return null;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  if (!/^[-+.\d]/.test(text)) return text;
  const int = integer(text.replaceAll('_', ''));
  if (int !== undefined) return int;
  if (FLOAT.test(text)) return Number(text);
  const infinity = /^([-+]?)\.(?:inf|Inf|INF)$/.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? NaN : text;
}

function integer(text: string): bigint | undefined {
  const parts = /^([-+]?)(?:0[xX]([\da-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/.exec(text);
  if (parts === null || text.length > MAX_DIGITS) return undefined;
  const [, sign, hex, binary, octal, decimal] = parts;
  const size =
    hex !== undefined
      ? BigInt(`0x${hex}`)
      : binary !== undefined
        ? BigInt(`0b${binary}`)
        : octal !== undefined
          ? BigInt(`0o${octal}`)
          : BigInt(decimal);
  const value = sign === '-' ? -size : size;
  return value > MAX_UINT64 || value < MIN_INT64 ? undefined : value;
}
