/** ParseCEF: the Common Event Format of ArcSight, whatever stands before `CEF:`. */
import { fail } from '#ottl/error.ts';
import type { Value, ValueMap } from '#ottl/value.ts';

const FIELDS = ['device_vendor', 'device_product', 'device_version', 'device_event_class_id', 'name', 'severity'];

/** Fails for what is no CEF. */
export function parseCef(text: string): ValueMap {
  if (text === '') fail('ParseCEF takes a text that is not empty');
  const at = text.indexOf('CEF:');
  if (at < 0) fail('the text has no CEF: in it');
  const { header, extension } = split(text.slice(at));
  const version = header[0].slice('CEF:'.length);
  if (version === '') fail('the CEF has no version');
  const map = new Map<string, Value>([['cef.version', version]]);
  for (const [i, field] of FIELDS.entries()) map.set(`cef.${field}`, unescaped(header[i + 1], HEADER_ESCAPES));
  return map.set('cef.extensions', extensions(extension));
}

/** At the bars that are not escaped; what comes after the seventh is the extension. */
function split(text: string): { readonly header: readonly string[]; readonly extension: string } {
  const header: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length && header.length <= FIELDS.length; i++) {
    if (text[i] === '\\' && (text[i + 1] === '|' || text[i + 1] === '\\')) i++;
    else if (text[i] === '|') {
      header.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (header.length > FIELDS.length) return { header, extension: text.slice(from) };
  header.push(text.slice(from));
  if (header.length <= FIELDS.length) fail(`a CEF header has ${FIELDS.length + 1} fields, got ${header.length}`);
  return { header, extension: '' };
}

const HEADER_ESCAPES: Readonly<Record<string, string>> = { '|': '|', '\\': '\\' };
const VALUE_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '=': '=', n: '\n', r: '\r' };

function unescaped(text: string, escapes: Readonly<Record<string, string>>): string {
  return text.replace(/\\([|\\=nr])/g, (both, character: string) => escapes[character] ?? both);
}

/** A key follows a space, or begins the text; its value goes on to the next key. */
function extensions(text: string): ValueMap {
  const map = new Map<string, Value>();
  const keys = [...text.matchAll(/(?<![^ ])[A-Za-z0-9_]+=/g)];
  for (const [i, key] of keys.entries()) {
    const start = key.index + key[0].length;
    let end = keys[i + 1]?.index ?? text.length;
    while (end > start && text[end - 1] === ' ') end--;
    map.set(key[0].slice(0, -1), unescaped(text.slice(start, end), VALUE_ESCAPES));
  }
  return map;
}
