/**
 * Command-line flags to values. Tokens come from `node:util` parseArgs; what it cannot do is done here: one dash for two,
 * `--flag=false`, environment variables, suggestions, typed values. Nothing is thrown: all mistakes are listed.
 */
import { parseArgs } from 'node:util';
import { nearest } from '#config/diag/suggest.ts';
import { parseDuration } from '#config/schema/duration.ts';
import { parseSize, sizeText } from '#config/schema/size.ts';
import { environmentName, type CountFlag, type Flag, type SizeFlag } from './flags.ts';

export interface ParsedArgs {
  /** Every flag of the table, by name: its value or its default. */
  readonly values: ReadonlyMap<string, FlagValue>;
  readonly positionals: readonly string[];
  /** Flags that were set but have no effect, as written in the table. */
  readonly inert: readonly string[];
  /** One line each; empty = usable. */
  readonly errors: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;
export type FlagValue = string | number | boolean | readonly string[];
type Parsed = { readonly value: FlagValue } | { readonly error: string };

/** A flag on the command line wins over its environment variable. An empty environment variable counts as unset. */
export function parseFlags(flags: readonly Flag[], argv: readonly string[], env: Environment): ParsedArgs {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const values = new Map<string, FlagValue>(flags.map((flag) => [flag.name, flag.default]));
  const inert = new Set<string>();
  const errors: string[] = [];
  const positionals: string[] = [];

  const set = (flag: Flag, written: string | undefined, origin: string): void => {
    const parsed = parseValue(flag, written);
    if ('error' in parsed) errors.push(`${origin}: ${parsed.error}`);
    else if (flag.kind === 'list')
      values.set(flag.name, [...(values.get(flag.name) as readonly string[]), written as string]);
    else values.set(flag.name, parsed.value);
    // What is switched off is what this version does.
    if (flag.inert === true && !('error' in parsed) && parsed.value !== false) inert.add(flag.name);
  };

  for (const flag of flags) {
    const go = goValue(flag, env);
    if (go !== null) values.set(flag.name, go);
    if (flag.local === true) continue;
    const variable = environmentName(flag.name);
    const written = env[variable];
    if (written !== undefined && written !== '') set(flag, written, variable);
  }

  const options = Object.fromEntries(
    flags.map((f) => [f.name, { type: f.kind === 'bool' ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({
    args: twoDashes(argv, flags),
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = byName.get(token.name);
    if (flag === undefined) errors.push(unknownFlag(token.name, byName.keys()));
    // parseArgs takes the next flag for the value, which is hardly meant.
    else if (token.inlineValue === false && token.value.startsWith('--'))
      errors.push(`--${flag.name}: needs a value (or write --${flag.name}=${token.value} if that is its value)`);
    else set(flag, token.value, `--${flag.name}`);
  }
  return { values, positionals, inert: [...inert], errors };
}

/** Go's flag habit: `-name` means `--name`. A lone `-`, and all that follows `--`, stay as they are. */
function twoDashes(argv: readonly string[], known: readonly Flag[]): string[] {
  const byLetter = new Map(
    known.flatMap(({ short, name }) => (short === undefined ? [] : [[`-${short}`, `--${name}`] as const])),
  );
  const end = argv.indexOf('--');
  const cut = end < 0 ? argv.length : end;
  const flags = argv.slice(0, cut).map((arg) => {
    const whole = byLetter.get(arg.slice(0, 2) as `-${string}`);
    if (whole !== undefined && (arg.length === 2 || arg[2] === '=')) return whole + arg.slice(2);
    return /^-[a-z]/i.test(arg) ? `-${arg}` : arg;
  });
  return [...flags, ...argv.slice(cut)];
}

function unknownFlag(name: string, names: Iterable<string>): string {
  if (name.length === 1) return `unknown flag -${name}`;
  const near = nearest(name, names);
  return `unknown flag --${name}${near === undefined ? '' : `; did you mean --${near}?`}`;
}

/** What a variable of Go's says; null when it is not set, or to nothing that the flag could be. Within the flag's bounds. */
function goValue(flag: Flag, env: Environment): number | null {
  if (flag.kind !== 'count' || flag.goVariable === undefined) return null;
  const written = env[flag.goVariable] ?? '';
  return /^\d{1,9}$/.test(written) && Number(written) >= flag.min ? Math.min(Number(written), flag.max) : null;
}

function parseValue(flag: Flag, written: string | undefined): Parsed {
  if (flag.kind === 'bool') return parseBool(written ?? 'true');
  if (written === undefined) return { error: 'needs a value' };
  switch (flag.kind) {
    case 'text': {
      const problem = flag.check?.(written) ?? null;
      return problem === null ? { value: written } : { error: problem };
    }
    case 'list':
      return { value: written };
    case 'choice':
      return flag.choices.includes(written)
        ? { value: written }
        : { error: `${JSON.stringify(written)} is not one of ${flag.choices.join(', ')}` };
    case 'count':
      return /^\d{1,15}$/.test(written)
        ? inRange(Number(written), flag, written, String)
        : notA('whole number', written);
    case 'duration': {
      const ms = parseDuration(written);
      return typeof ms === 'number' && ms >= 0 ? { value: ms } : notA('duration such as 30s or 10m', written);
    }
    case 'size': {
      const bytes = parseSize(written);
      return typeof bytes === 'number' ? inRange(bytes, flag, written, sizeText) : notA('size such as 64MiB', written);
    }
  }
}

/** What Go's strconv.ParseBool takes. */
function parseBool(written: string): Parsed {
  if (/^(1|t|T|TRUE|true|True)$/.test(written)) return { value: true };
  if (/^(0|f|F|FALSE|false|False)$/.test(written)) return { value: false };
  return { error: `${JSON.stringify(written)} is not true or false` };
}

function inRange(
  value: number,
  { min, max }: CountFlag | SizeFlag,
  written: string,
  show: (bound: number) => string,
): Parsed {
  return value >= min && value <= max
    ? { value }
    : { error: `${written} is not between ${show(min)} and ${show(max)}` };
}

const notA = (what: string, written: string): Parsed => ({ error: `${JSON.stringify(written)} is not a ${what}` });
