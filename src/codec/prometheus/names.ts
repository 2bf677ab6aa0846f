/**
 * Prometheus names of OTLP metrics and attributes (OpenTelemetry specification, compatibility with Prometheus, "OTLP metric
 * points to Prometheus"; Collector pkg/translator/prometheus, which Alloy uses). What comes out is empty or a name that every
 * Prometheus accepts: letters and digits are those of ASCII, where Alloy lets letters of all scripts through.
 */

/** `updown`: a sum that is not monotonic, which is a gauge in Prometheus but no ratio. */
export type MetricKind = 'counter' | 'gauge' | 'updown' | 'histogram' | 'summary';

/** UCUM units of OpenTelemetry; one that is not here stands for itself. */
const UNIT_WORDS: ReadonlyMap<string, string> = new Map([
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tibibytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['1', ''],
  ['%', 'percent'],
]);

const UNIT_OF_WORD: ReadonlyMap<string, string> = new Map([
  ...[...UNIT_WORDS].filter(([, word]) => word !== '').map(([unit, word]) => [word, unit] as const),
  ['ratio', '1'],
]);

/** The UCUM unit that a word of Prometheus metadata means (`seconds`); what is no such word stands for itself. */
export const unitOfWord = (word: string): string => UNIT_OF_WORD.get(word) ?? word;

/** What follows "per". */
const PER_UNIT_WORDS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

/**
 * Name of the family of a metric, before `_bucket`, `_sum` and `_count`. With suffixes: unit words, `total`, `ratio`. Empty if
 * nothing of the name is left; such a metric has no series.
 */
export function metricName(name: string, unit: string, kind: MetricKind, addSuffixes: boolean): string {
  if (!addSuffixes) return startLegally(words(name, /[^A-Za-z0-9_:]+/).join('_'));
  let tokens = words(name, /[^A-Za-z0-9]+/);
  const slash = unit.indexOf('/');
  const mainWord = unitWord(slash < 0 ? unit : unit.slice(0, slash), UNIT_WORDS);
  if (mainWord !== '' && !tokens.includes(mainWord)) tokens.push(mainWord);
  const perWord = slash < 0 ? '' : unitWord(unit.slice(slash + 1), PER_UNIT_WORDS);
  if (perWord !== '' && !tokens.includes(perWord)) tokens.push('per', perWord);
  if (kind === 'counter') tokens = withLast(tokens, 'total');
  if (kind === 'gauge' && unit === '1') tokens = withLast(tokens, 'ratio');
  return startLegally(tokens.join('_'));
}

/** Label of an attribute. Empty only for an empty key. */
export function labelName(key: string): string {
  if (isLabelName(key)) return key;
  const name = key.replace(/[^A-Za-z0-9_]/gu, '_');
  if (/^[0-9]/.test(name)) return `key_${name}`;
  return name.startsWith('_') && !name.startsWith('__') ? `key${name}` : name;
}

/** Whether {@link labelName} leaves it as it is. Most keys: so without a regular expression. */
function isLabelName(key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i);
    const letter = (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
    if (!letter && (i === 0 || ((c < 0x30 || c > 0x39) && c !== 0x5f))) return false;
  }
  return true;
}

/** Unit as one word; empty for none, and for an annotation such as `{request}`. */
function unitWord(unit: string, known: ReadonlyMap<string, string>): string {
  const trimmed = unit.trim();
  if (/[{}]/.test(trimmed)) return '';
  return words(known.get(trimmed) ?? trimmed, /[^A-Za-z0-9]+/).join('_');
}

const words = (text: string, separator: RegExp): string[] => text.split(separator).filter((word) => word !== '');

const withLast = (tokens: string[], last: string): string[] => [...tokens.filter((token) => token !== last), last];

const startLegally = (name: string): string => (/^[0-9]/.test(name) ? `_${name}` : name);
