/** `encoding.*`, `convert.*`, `json_path`. Facts: grafana/alloy v1.18 docs; Go's encoding/base64, net/url. */
import { jsonPath, type Location } from '../json-path.ts';
import { FunctionError, isArray, isObject, typeName, type Secret, type Value } from '../value.ts';
import { parameter, boundElements, boundText, type LibraryFunction } from './function.ts';
import { jsonText, parseJson, parseWith } from './json.ts';
import { parseYaml } from './yaml.ts';

const one = (
  functionName: string,
  summary: string,
  example: string,
  call: (text: string) => Value,
  alias?: string,
): LibraryFunction => ({
  functionName,
  summary,
  example,
  parameters: [parameter('text', 'string')],
  returns: /from_(json|yaml)/.test(functionName) ? 'any' : 'string',
  call: ([text]) => call(text as string),
  ...(alias === undefined ? {} : { alias }),
});

export const ENCODING: readonly LibraryFunction[] = [
  one(
    'encoding.from_base64',
    'The text that a Base64 text stands for.',
    'encoding.from_base64("aGk=")',
    (text) => fromBase64(text, 'base64'),
    'base64_decode',
  ),
  one(
    'encoding.from_URLbase64',
    'The text that a URL-safe Base64 text stands for.',
    'encoding.from_URLbase64("aGk_")',
    (text) => fromBase64(text, 'base64url'),
  ),
  one('encoding.to_base64', 'A text in Base64.', 'encoding.to_base64("hi")', (text) => toBase64(text)),
  one('encoding.to_URLbase64', 'A text in URL-safe Base64, padded.', 'encoding.to_URLbase64("hi?")', (text) =>
    toUrlBase64(text),
  ),
  one(
    'encoding.url_encode',
    'A text escaped for use in the query of a URL.',
    'encoding.url_encode("a b&c")',
    urlEncode,
  ),
  one('encoding.url_decode', 'The text that an escaped text stands for.', 'encoding.url_decode("a+b%26c")', urlDecode),
  one(
    'encoding.from_json',
    'The value that a JSON text stands for.',
    'encoding.from_json("[1, 2]")',
    (text) => parseJson(text, 0),
    'json_decode',
  ),
  one(
    'encoding.from_yaml',
    'The value that a YAML text stands for.',
    'encoding.from_yaml("a: 1")',
    parseYaml,
    'yaml_decode',
  ),
  {
    functionName: 'encoding.to_json',
    summary: 'An object as JSON text.',
    example: 'encoding.to_json({ a = [1, true] })',
    parameters: [parameter('object', 'any')],
    returns: 'string',
    call: ([object]) => {
      if (!isObject(object)) throw new FunctionError(`should be object, got ${typeName(object)}`, 0);
      const text = jsonText(object, 0);
      boundText(text.length);
      return text;
    },
  },
  {
    functionName: 'json_path',
    summary: 'All values that a JSONPath (RFC 9535) finds in a JSON text; an empty list if there are none.',
    example: 'json_path("{\\"a\\": [1, 2]}", "$.a[1]")',
    parameters: [parameter('json', 'string'), parameter('path', 'string')],
    returns: 'list(any)',
    call: ([json, path]) => findAll(json as string, path as string),
  },
  {
    functionName: 'convert.nonsensitive',
    alias: 'nonsensitive',
    summary: 'The text of a secret. It will be shown wherever values are shown.',
    example: 'convert.nonsensitive(local.file.name.content)',
    parameters: [parameter('secret', 'secret')],
    returns: 'string',
    call: ([secret]) => (secret as Secret).secret,
  },
];

function findAll(json: string, path: string): Value {
  const root = parseJson(json, 0);
  const found = jsonPath(path, (meter) =>
    parseWith(json, 0, (_, value) => (typeof value === 'object' && value !== null ? meter(value) : value)),
  );
  if ('problem' in found) throw new FunctionError(found.problem, 1);
  boundElements(found.locations.length);
  return found.locations.map((location) => valueAt(root, location));
}

/** Numbers are exact in `root`, which they are not where paths are followed. */
function valueAt(root: Value, location: Location): Value {
  let value: Value | undefined = root;
  for (const step of location) {
    if (value !== undefined && isArray(value)) value = value[Number(step)];
    else value = value !== undefined && isObject(value) ? value.get(String(step).toWellFormed()) : undefined;
  }
  return value ?? null;
}

function toBase64(text: string): string {
  boundText(text.length * 4);
  return Buffer.from(text).toString('base64');
}

/** Line breaks are ignored and padding is needed, as in Go. What is not UTF-8 becomes U+FFFD. */
function fromBase64(text: string, encoding: 'base64' | 'base64url'): string {
  const whole = text.replaceAll(/[\r\n]/g, '');
  const digits = whole.replace(/={1,2}$/, '');
  const foreign = encoding === 'base64' ? /[^A-Za-z0-9+/]/ : /[^A-Za-z0-9_-]/;
  if (whole.length % 4 !== 0 || digits.length % 4 === 1 || foreign.test(digits))
    throw new FunctionError('is not valid Base64', 0);
  return Buffer.from(digits, encoding).toString();
}

function toUrlBase64(text: string): string {
  return toBase64(text).replaceAll('+', '-').replaceAll('/', '_');
}

/** Go's url.QueryEscape: everything but letters, digits and `-_.~`; a space is a plus. */
function urlEncode(text: string): string {
  boundText(text.length);
  return encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function urlDecode(text: string): string {
  const bad = /%(?![0-9A-Fa-f]{2})/.exec(text);
  if (bad !== null) throw new FunctionError(`has an invalid URL escape at character ${bad.index + 1}`, 0);
  const bytes = Buffer.from(text.replaceAll('+', ' ')).toString('latin1');
  return Buffer.from(
    bytes.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();
}
