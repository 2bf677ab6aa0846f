/** The converter of URLs. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`; Go's `url.Parse`; RFC 3986. */
import { fail } from '../error.ts';
import type { Value } from '../value.ts';
import { converter, type Converter } from './function.ts';

const PERCENT = 0x25;

interface Url {
  scheme: string;
  /** As written; null without an `@`. */
  user: string | null;
  host: string;
  port: string;
  path: string;
  query: string;
  fragment: string;
}

function parts(text: string): Url {
  // eslint-disable-next-line no-control-regex -- they are what Go refuses
  if (/[\x00-\x1f\x7f]/.test(text)) return fail('the URL holds a control character');
  const hash = text.indexOf('#');
  const bare = hash < 0 ? text : text.slice(0, hash);
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(bare)?.[0] ?? '';
  if (bare.startsWith(':')) return fail('the URL has a colon, but no scheme before it');
  const rest = scheme === '' ? bare : bare.slice(scheme.length + 1);
  const mark = rest.indexOf('?');
  const before = mark < 0 ? rest : rest.slice(0, mark);
  const url: Url = {
    scheme: scheme.toLowerCase(),
    user: null,
    host: '',
    port: '',
    path: '',
    query: mark < 0 ? '' : rest.slice(mark + 1),
    fragment: hash < 0 ? '' : unescaped(text.slice(hash + 1)),
  };
  if (before.startsWith('//')) {
    const slash = before.indexOf('/', 2);
    authority(url, slash < 0 ? before.slice(2) : before.slice(2, slash));
    url.path = slash < 0 ? '' : unescaped(before.slice(slash));
  } else if (before.startsWith('/') || scheme === '') {
    if (/^[^/]*:/.test(before)) return fail('the first segment of a path has no colon');
    url.path = unescaped(before);
  }
  return url;
}

function authority(url: Url, text: string): void {
  const at = text.lastIndexOf('@');
  if (at >= 0) url.user = text.slice(0, at);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(text.slice(at + 1)) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || /[\s<>"]/.test(host)) fail('the URL has a host that is none');
  if (port !== undefined && !/^\d*$/.test(port)) fail('the URL has a port that is no number');
  url.host = unescaped(host);
  url.port = port ?? '';
}

/** Percent signs and what they stand for; fails on one that stands for nothing. */
function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return fail('the URL has a percent sign without two hex digits');
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const isEscape = bytes[at] === PERCENT;
    bytes[length++] = isEscape ? Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16) : bytes[at];
    if (isEscape) at += 2;
  }
  return bytes.toString('utf8', 0, length);
}

/** The parameters of a query alone, `?a=1&a=2`, as lists by name. */
function parameters(query: string): Value {
  const found = new Map<string, Value[]>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    if (pair.includes(';')) fail('a semicolon separates no parameters of a URL');
    const equals = pair.indexOf('=');
    const [key, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const name = unescaped(key.replaceAll('+', ' '));
    const values = found.get(name) ?? [];
    values.push(unescaped(value.replaceAll('+', ' ')));
    found.set(name, values);
  }
  return new Map(found.size === 0 ? [] : [['query', found]]);
}

function attributes(text: string): Value {
  if (text === '') return fail('URL takes a text that is not empty');
  if (text.startsWith('?')) return parameters(text.slice(1));
  const { scheme, user, host, port, path, query, fragment } = parts(text);
  const map = new Map<string, Value>([
    ['url.original', text],
    ['url.domain', host],
    ['url.scheme', scheme],
    ['url.path', path],
  ]);
  if (port !== '') map.set('url.port', BigInt(port.slice(0, 18)));
  if (fragment !== '') map.set('url.fragment', fragment);
  if (user !== null) {
    const colon = user.indexOf(':');
    const name = unescaped(colon < 0 ? user : user.slice(0, colon));
    map.set('url.user_info', user);
    if (name !== '') map.set('url.username', name);
    if (colon >= 0) map.set('url.password', unescaped(user.slice(colon + 1)));
  }
  if (query !== '') map.set('url.query', query);
  const dot = path.lastIndexOf('.');
  if (dot >= 0 && dot < path.length - 1) map.set('url.extension', path.slice(dot + 1));
  return map;
}

export const URLS: readonly Converter[] = [
  converter(
    'URL',
    ['uri'],
    'any',
    'The parts of a URL as attributes: `url.original`, `url.scheme`, `url.domain`, `url.path`, and `url.port` and so on where it has them.',
    (args) => {
      const uri = args.string(0);
      return (t) => attributes(uri(t));
    },
  ),
];
