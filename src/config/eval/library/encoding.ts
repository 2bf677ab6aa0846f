/** `encoding.*`, `convert.*`, `json_path`. Facts: grafana/alloy v1.18 docs; Go's encoding/base64, encoding/json, net/url. */
import { parseYaml } from '#config/yaml/yaml.ts';
import { numberText } from '../convert.ts';
import { jsonPathQuery } from '../json-path.ts';
import { FunctionError, isArray, isObject, isSecret, typeName, type Secret, type Value } from '../value.ts';
import { boundText, fromPlain, type LibraryFunction } from './function.ts';

/** Levels of lists and objects inside each other. */
const MAX_DEPTH = 500;

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
  parameters: ['string'],
  call: ([text]) => call(text as string),
  ...(alias === undefined ? {} : { alias }),
});

export const ENCODING: readonly LibraryFunction[] = [
  one(
    'encoding.from_base64',
    'The text that a Base64 text stands for.',
    'encoding.from_base64("aGk=")',
    (text) => fromBase64(text, STANDARD),
    'base64_decode',
  ),
  one(
    'encoding.from_URLbase64',
    'The text that a URL-safe Base64 text stands for.',
    'encoding.from_URLbase64("aGk_")',
    (text) => fromBase64(text, URL_SAFE),
  ),
  one('encoding.to_base64', 'A text in Base64.', 'encoding.to_base64("hi")', (text) =>
    Buffer.from(text).toString('base64'),
  ),
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
    fromJson,
    'json_decode',
  ),
  one(
    'encoding.from_yaml',
    'The value that a YAML text stands for.',
    'encoding.from_yaml("a: 1")',
    fromYaml,
    'yaml_decode',
  ),
  {
    functionName: 'encoding.to_json',
    summary: 'A value as JSON text.',
    example: 'encoding.to_json({ a = [1, true] })',
    parameters: ['any'],
    call: ([value]) => {
      const text = toJson(value, 0);
      boundText(text.length);
      return text;
    },
  },
  {
    functionName: 'json_path',
    summary: 'All values that a JSONPath (RFC 9535) finds in a JSON text; an empty list if there are none.',
    example: 'json_path("{\\"a\\": [1, 2]}", "$.a[1]")',
    parameters: ['string', 'string'],
    call: ([json, path]) => {
      const found = jsonPathQuery(path as string, plainJson(json as string));
      if ('problem' in found) throw new FunctionError(found.problem, 1);
      return found.values.map(fromPlain);
    },
  },
  {
    functionName: 'convert.nonsensitive',
    alias: 'nonsensitive',
    summary: 'The text of a secret. It will be shown wherever values are shown.',
    example: 'convert.nonsensitive(local.file.name.content)',
    parameters: ['secret'],
    call: ([secret]) => (secret as Secret).secret,
  },
];

const STANDARD = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const URL_SAFE = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?$/;

/** Line breaks are ignored and padding is needed, as in Go. */
function fromBase64(text: string, alphabet: RegExp): string {
  const whole = text.replaceAll(/[\r\n]/g, '');
  if (whole.length % 4 !== 0 || !alphabet.test(whole)) throw new FunctionError('is not valid Base64', 0);
  return Buffer.from(whole, 'base64').toString();
}

function toUrlBase64(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** Go's url.QueryEscape: everything but letters, digits and `-_.~`; a space is a plus. */
function urlEncode(text: string): string {
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

/** The parser's own message may quote the text, which may be sensitive: the position is enough. */
function plainJson(text: string): unknown {
  boundDepth(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    const position = /position (\d+)/.exec((thrown as Error).message)?.[1];
    throw new FunctionError(
      `is not valid JSON${position === undefined ? '' : ` (at character ${Number(position) + 1})`}`,
      0,
    );
  }
}

function fromJson(text: string): Value {
  return fromPlain(plainJson(text));
}

function fromYaml(text: string): Value {
  boundDepth(text);
  const parsed = parseYaml(text);
  if ('problem' in parsed) throw new FunctionError(`is not valid YAML: ${parsed.problem}`, 0);
  return fromPlain(parsed.value);
}

function boundDepth(text: string): void {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > MAX_DEPTH) throw new FunctionError(`is nested more than ${MAX_DEPTH} levels deep`, 0);
  }
}

/** As Go's json.Marshal: keys sorted, `<`, `>` and `&` escaped. */
function toJson(value: Value, depth: number): string {
  if (depth > MAX_DEPTH) throw new FunctionError(`is nested more than ${MAX_DEPTH} levels deep`, 0);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new FunctionError(`cannot be written as JSON: ${numberText(value)}`, 0);
    return String(value);
  }
  if (typeof value === 'string') return jsonText(value);
  if (isArray(value)) return `[${value.map((element) => toJson(element, depth + 1)).join(',')}]`;
  if (isObject(value)) {
    const keys = [...value.keys()].sort();
    return `{${keys.map((key) => `${jsonText(key)}:${toJson(value.get(key)!, depth + 1)}`).join(',')}}`;
  }
  throw new FunctionError(`cannot be written as JSON: it holds a ${isSecret(value) ? 'secret' : typeName(value)}`, 0);
}

function jsonText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
