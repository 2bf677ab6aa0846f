/** ParseLEEF: the Log Event Extended Format of QRadar, versions 1.0 and 2.0, whatever stands before `LEEF:`. */
import { fail } from '#ottl/error.ts';
import type { Value, ValueMap } from '#ottl/value.ts';

const FIELDS = ['vendor', 'product.name', 'product.version', 'event.id'];
const TAB = '\t';

/** Fails for what is no LEEF. */
export function parseLeef(text: string): ValueMap {
  if (text === '') fail('ParseLEEF takes a text that is not empty');
  const at = text.indexOf('LEEF:');
  if (at < 0) fail('the text has no LEEF: in it');
  const [version, ...rest] = text.slice(at + 'LEEF:'.length).split('|');
  if (rest.length === 0) fail('the LEEF has no bar behind its version');
  if (version !== '1.0' && version !== '2.0') fail(`LEEF is of version 1.0 or 2.0, got ${JSON.stringify(version)}`);
  if (rest.length < FIELDS.length) fail(`a LEEF header has ${FIELDS.length} fields, got ${rest.length}`);
  const map = new Map<string, Value>([['leef.version', version]]);
  for (const [i, field] of FIELDS.entries()) map.set(`leef.${field}`, rest[i]);
  const behind = rest.slice(FIELDS.length);
  // In version 2.0 a delimiter may come first; what has an equals sign in it is an attribute already.
  const tells = version === '2.0' && behind.length > 0 && !behind[0].includes('=');
  const delimiter = tells ? delimiterIn(behind[0]) : TAB;
  return map.set('leef.attributes', attributes((tells ? behind.slice(1) : behind).join('|'), delimiter));
}

function delimiterIn(text: string): string {
  if (text === '') return TAB;
  if (/^0x[0-7][0-9a-f]$/i.test(text)) return String.fromCharCode(parseInt(text.slice(2), 16));
  if (text.length === 1 && text <= '\x7f') return text;
  return fail(`the delimiter of LEEF is one character, or one byte as 0x09, got ${JSON.stringify(text)}`);
}

/** What has no key or no equals sign is passed over; of equal keys the last counts. */
function attributes(text: string, delimiter: string): ValueMap {
  const map = new Map<string, Value>();
  for (const pair of text.split(delimiter)) {
    const at = pair.indexOf('=');
    if (at > 0) map.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return map;
}
