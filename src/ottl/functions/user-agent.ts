/**
 * The converter of user agents. Names and versions are those of uap-core, which upstream uses whole; here are the rules for common
 * browsers, crawlers and HTTP clients, and anything else is `Other`.
 */
import type { Value } from '../value.ts';
import { converter, type Converter } from './function.ts';

/** Rules look no further than that: their time grows with the square of it. */
const MAX_LENGTH = 1024;

/** What a product (`Name/1.2.3`) is called; the first rule of which all words are in the text counts. */
type Rule = readonly [product: string, name: string, ...words: string[]];

const CRAWLERS: readonly Rule[] = [
  ['Googlebot', 'Googlebot'],
  ['bingbot', 'bingbot'],
  ['YandexBot', 'YandexBot'],
  ['Baiduspider', 'Baiduspider'],
  ['DuckDuckBot', 'DuckDuckBot'],
  ['Applebot', 'Applebot'],
  ['AhrefsBot', 'AhrefsBot'],
  ['SemrushBot', 'SemrushBot'],
  ['Twitterbot', 'Twitterbot'],
  ['LinkedInBot', 'LinkedInBot'],
  ['facebookexternalhit', 'FacebookBot'],
];
const BROWSERS: readonly Rule[] = [
  ['EdgA', 'Edge Mobile'],
  ['EdgiOS', 'Edge Mobile'],
  ['Edg', 'Edge'],
  ['Edge', 'Edge'],
  ['OPR', 'Opera Mobile', 'Mobile'],
  ['OPR', 'Opera'],
  ['SamsungBrowser', 'Samsung Internet'],
  ['YaBrowser', 'Yandex Browser'],
  ['Vivaldi', 'Vivaldi'],
  ['UCBrowser', 'UC Browser'],
  ['HeadlessChrome', 'HeadlessChrome'],
  ['Electron', 'Electron'],
  ['CriOS', 'Chrome Mobile iOS'],
  ['FxiOS', 'Firefox iOS'],
  ['Firefox', 'Firefox Mobile', 'Mobile'],
  ['Firefox', 'Firefox Mobile', 'Tablet'],
  ['Firefox', 'Firefox'],
  ['Version', 'Android', 'Android', 'Mobile Safari', '!Chrome/'],
  ['Chrome', 'Chrome Mobile WebView', '; wv)'],
  ['Chrome', 'Chrome Mobile', 'Mobile'],
  ['Chrome', 'Chrome'],
  ['Chromium', 'Chromium'],
  ['Version', 'Mobile Safari', 'Safari/', 'iPhone'],
  ['Version', 'Mobile Safari', 'Safari/', 'iPad'],
  ['Version', 'Mobile Safari', 'Safari/', 'iPod'],
  ['Version', 'Safari', 'Safari/'],
];
const CLIENTS: readonly Rule[] = [
  ['curl', 'curl'],
  ['Wget', 'Wget'],
  ['python-requests', 'Python Requests'],
  ['Python-urllib', 'Python-urllib'],
  ['aiohttp', 'aiohttp'],
  ['Go-http-client', 'Go-http-client'],
  ['okhttp', 'okhttp'],
  ['Apache-HttpClient', 'Apache-HttpClient'],
  ['PostmanRuntime', 'PostmanRuntime'],
  ['axios', 'axios'],
  ['node-fetch', 'node-fetch'],
  ['Java', 'Java'],
];
const RULES = [...CRAWLERS, ...BROWSERS, ...CLIENTS];

const WINDOWS: Readonly<Record<string, string>> = {
  '10.0': '10',
  '6.3': '8.1',
  '6.2': '8',
  '6.1': '7',
  '6.0': 'Vista',
  '5.2': 'XP',
  '5.1': 'XP',
  '5.0': '2000',
};
/** The first that matches; its group is the version. */
const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Windows Phone', /Windows Phone(?: OS)? (\d+(?:\.\d+)?)/],
  ['Windows', /Windows NT (\d+\.\d+)/],
  ['iOS', /(?:iPhone|iPad|iPod|CPU) OS (\d+(?:_\d+){0,2})/],
  ['iOS', /\biOS (\d+(?:\.\d+){0,2})/],
  ['Android', /Android (\d+(?:\.\d+){0,2})/],
  ['Android', /Android()/],
  ['Mac OS X', /Mac OS X (\d+(?:[._]\d+){0,2})/],
  ['Mac OS X', /Mac OS X()/],
  ['Chrome OS', /CrOS \S{1,20} (\d+(?:\.\d+){0,2})/],
  ['Ubuntu', /Ubuntu(?:\/(\d+(?:\.\d+){0,2}))?/],
  ['Fedora', /Fedora(?:\/(\d+(?:\.\d+){0,2}))?/],
  ['FreeBSD', /FreeBSD()/],
  ['Linux', /Linux(?:\/(\d+(?:\.\d+){0,2}))?/i],
];

function browser(text: string): readonly [name: string, version: string] {
  const products = new Map<string, string>();
  for (const [, product, version] of text.matchAll(/([A-Za-z][\w-]{0,39})\/(\d+(?:\.\d+){0,2})?/g))
    if (!products.has(product)) products.set(product, version ?? '');
  const rule = RULES.find(
    ([product, , ...words]) =>
      products.has(product) &&
      words.every((word) => (word.startsWith('!') ? !text.includes(word.slice(1)) : text.includes(word))),
  );
  if (rule !== undefined) return [rule[1], products.get(rule[0])!];
  const [, explorer] = /\bMSIE (\d+\.\d+)/.exec(text) ?? /\bTrident\/.{0,80}\brv:(\d+\.\d+)/.exec(text) ?? [];
  return explorer === undefined ? ['Other', ''] : ['IE', explorer];
}

function system(text: string): readonly [name: string, version: string] {
  for (const [name, pattern] of SYSTEMS) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const version = (found[1] ?? '').replaceAll('_', '.');
    return [name, name === 'Windows' ? (WINDOWS[version] ?? '') : version];
  }
  return ['Other', ''];
}

function attributes(original: string): Value {
  const text = original.slice(0, MAX_LENGTH);
  const [name, version] = browser(text);
  const [osName, osVersion] = system(text);
  const map = new Map<string, Value>([
    ['user_agent.name', name],
    ['user_agent.version', version],
    ['user_agent.original', original],
    ['os.name', osName],
  ]);
  if (osVersion !== '') map.set('os.version', osVersion);
  return map;
}

export const USER_AGENT: readonly Converter[] = [
  converter(
    'UserAgent',
    ['user_agent'],
    'any',
    'What a User-Agent header says, as attributes: `user_agent.name`, `user_agent.version`, `os.name`, `os.version`; common browsers, crawlers and clients are known, anything else is `Other`.',
    (args) => {
      const value = args.string(0);
      return (t) => attributes(value(t));
    },
  ),
];
