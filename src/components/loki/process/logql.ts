/**
 * LogQL as far as `stage.match` takes it: a selector of labels, and filters of the line behind it.
 *
 *     {app="api", level=~"warn|error", env!="dev"} |= "timeout" != "retry" |~ "took \\d+s" !~ `debug`
 */
import { GoRegex, RegexError } from '#text/regex.ts';

export class LogqlError extends Error {
  constructor(selector: string, why: string) {
    super(`invalid selector \`${selector}\`: ${why}`);
    this.name = 'LogqlError';
  }
}

export interface LineSelector {
  /** A label that is not there counts as empty. */
  matches(labels: ReadonlyMap<string, string>, line: string): boolean;
}

interface Matcher {
  readonly name: string;
  readonly test: (value: string) => boolean;
}

/** Throws {@link LogqlError}. */
export function lineSelector(text: string): LineSelector {
  const { matchers, filters } = parse(text);
  return {
    matches: (labels, line) =>
      matchers.every(({ name, test }) => test(labels.get(name) ?? '')) && filters.every((filter) => filter(line)),
  };
}

interface Parsed {
  readonly matchers: readonly Matcher[];
  readonly filters: readonly ((line: string) => boolean)[];
}

const STRING = /\s*("(?:[^"\\\n]|\\.)*"|`[^`]*`)/y;

function parse(text: string): Parsed {
  let at = 0;
  const fail = (why: string): never => {
    throw new LogqlError(text, why);
  };
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return null;
    at = pattern.lastIndex;
    return match[1] ?? '';
  };
  const need = (pattern: RegExp, what: string): string => take(pattern) ?? fail(`${what} is missing at ${at}`);
  const value = (): string => {
    const quoted = need(STRING, 'a text in quotes');
    if (quoted.startsWith('`')) return quoted.slice(1, -1);
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return fail(`${quoted} has an escape that is not known`);
    }
  };
  const regex = (pattern: string): GoRegex => {
    try {
      return new GoRegex(pattern);
    } catch (error) {
      return error instanceof RegexError ? fail(error.message) : fail(String(error));
    }
  };

  need(/\s*(\{)/y, 'the selector in braces');
  const matchers: Matcher[] = [];
  while (take(/\s*(\})/y) === null) {
    if (matchers.length > 0) need(/\s*(,)/y, 'a comma');
    const name = need(/\s*([A-Za-z_]\w*)/y, 'the name of a label');
    const sign = need(/\s*(=~|!~|!=|=)/y, 'an operator');
    matchers.push({ name, test: testOf(sign, value(), regex, true) });
  }
  if (matchers.length === 0) fail('it needs at least one label');
  const filters: ((line: string) => boolean)[] = [];
  for (let sign = take(/\s*(\|=|\|~|!=|!~)/y); sign !== null; sign = take(/\s*(\|=|\|~|!=|!~)/y))
    filters.push(testOf(sign, value(), regex, false));
  if (text.slice(at).trim() !== '') fail(`unexpected ${JSON.stringify(text.slice(at).trim()[0])} at ${at}`);
  return { matchers, filters };
}

/** Labels are compared as a whole, lines by what they contain. */
function testOf(
  sign: string,
  value: string,
  regex: (pattern: string) => GoRegex,
  isWhole: boolean,
): (text: string) => boolean {
  if (sign.endsWith('~')) {
    const compiled = regex(value);
    const wanted = sign !== '!~';
    return (text) => (isWhole ? compiled.testWhole(text) : compiled.test(text)) === wanted;
  }
  const wanted = sign !== '!=';
  return isWhole ? (text) => (text === value) === wanted : (text) => text.includes(value) === wanted;
}
