/**
 * `OTEL_RESOURCE_ATTRIBUTES`, or `OTEL_RESOURCE` where that is empty: `key=value,key=value`, white space around them is left out.
 * A value is written as in the query of a URL: `%2C` for a comma, `+` for a space.
 */
import { MillraceError } from '#shared/errors.ts';
import { NOTHING, type Detector } from './detector.ts';

/** Of a key and of a value as it is written. */
const MAX_CHARACTERS = 256;

export const detect: Detector = async ({ env }) => {
  const { OTEL_RESOURCE_ATTRIBUTES: current = '', OTEL_RESOURCE: old = '' } = env.variables;
  const name = current.trim() === '' ? 'OTEL_RESOURCE' : 'OTEL_RESOURCE_ATTRIBUTES';
  const text = (current.trim() === '' ? old : current).trim();
  if (text === '') return NOTHING;
  const attributes = new Map<string, string>();
  // A comma at the end ends the last pair and begins none.
  for (const pair of text.replace(/,$/, '').split(',')) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(at, 0)).trim();
    const value = pair.slice(at + 1).trim();
    const problem = problemOf(at, key, value);
    if (problem !== null)
      throw new MillraceError('env_format', `${name}: ${problem} in "${pair.trim()}"; write key=value,key=value`);
    attributes.set(key, decoded(value));
  }
  return { attributes, schemaUrl: '' };
};

function problemOf(at: number, key: string, value: string): string | null {
  if (at < 0) return 'there is no "="';
  if (key === '') return 'there is no key';
  if (key.length > MAX_CHARACTERS || value.length > MAX_CHARACTERS)
    return `key and value have at most ${MAX_CHARACTERS} characters`;
  // oxlint-disable-next-line no-control-regex
  if (!/^[\x00-\x7f]*$/.test(key + value)) return 'there is a character that is not ASCII, which is written as %XX';
  return /%(?![0-9a-fA-F]{2})/.test(value) ? 'a "%" is not followed by two hexadecimal digits' : null;
}

/** Bytes that are no UTF-8 become U+FFFD: an attribute is text. */
function decoded(value: string): string {
  const bytes = Buffer.from(
    value
      .replaceAll('+', ' ')
      .replace(/%([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  return bytes.toString('utf8');
}
