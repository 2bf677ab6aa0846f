/** From the command line to a command, its help, or the reason why it is not understood. */
import { nearest } from '#config/diag/suggest.ts';
import { MillraceError } from '#shared/errors.ts';
import { parseFlags, type ParsedArgs } from './args.ts';
import type { Command } from './command.ts';
import { completion } from './commands/completion.ts';
import { components } from './commands/components.ts';
import { convert } from './commands/convert.ts';
import { doctor } from './commands/doctor.ts';
import { fmt } from './commands/fmt.ts';
import { healthcheck } from './commands/healthcheck.ts';
import { otel } from './commands/otel.ts';
import { run } from './commands/run.ts';
import { schema } from './commands/schema.ts';
import { traceTest } from './commands/trace-test.ts';
import { validate } from './commands/validate.ts';
import { commandHelp, HELP_COMMAND, overview } from './help.ts';
import { EXIT, type Host } from './host.ts';
import type { Made } from './run.ts';

/** In the order of the overview. */
export const COMMANDS: readonly Command[] = [
  run,
  validate,
  traceTest,
  fmt,
  convert,
  otel,
  components,
  schema,
  doctor,
  completion,
  healthcheck,
];

/** Commands of Alloy that are not offered, and why. */
const NOT_OFFERED: Readonly<Record<string, string>> = {
  tools: 'there is no write-ahead log to look into',
  gql: 'there is no GraphQL API; /api/v0/web/components lists the components',
  graphql: 'there is no GraphQL API; /api/v0/web/components lists the components',
  'otel-supervisor': 'millrace is not managed by a remote configuration service',
  remotecfg:
    'millrace is not managed by a remote configuration service; import.http and import.git load modules from elsewhere',
};

/** Runs one command line (without node and script) and resolves with the exit code. Rejects only for bugs. */
export async function command(argv: readonly string[], made: Made, host: Host): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return tell(host, overview(COMMANDS));
  if (name === '--version' || name === '-v' || name === '-version') return tell(host, `millrace ${made.version}\n`);
  if (name === 'help') return help(rest, host);
  const known = COMMANDS.find((one) => one.name === name);
  if (known === undefined) return usage(host, [unknownCommand(name)], 'millrace help');
  if (asksForVersion(rest)) return tell(host, `millrace ${made.version}\n`);
  const args = parseFlags(known.flags, rest, host.env);
  if (args.values.get('help') === true) return tell(host, commandHelp(known));
  const errors = [...args.errors, ...wrongCount(known, args)];
  if (errors.length > 0) return usage(host, errors, `millrace help ${name}`);
  try {
    return await known.run(args, { made, host, commands: COMMANDS });
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    if (thrown.code === 'usage') return usage(host, [thrown.message], `millrace help ${name}`);
    host.stderr(`Error: ${thrown.message}\n`);
    return EXIT.failed;
  }
}

function asksForVersion(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).some((arg) => /^(-v|--?version)$/.test(arg));
}

function unknownCommand(name: string): string {
  const why = Object.hasOwn(NOT_OFFERED, name) ? NOT_OFFERED[name] : undefined;
  if (why !== undefined) return `command ${JSON.stringify(name)} is not offered: ${why}`;
  if (/^-./.test(name)) return `${JSON.stringify(name)} stands before the command: write millrace COMMAND ${name}`;
  const near = nearest(name.toLowerCase(), [...COMMANDS.map((one) => one.name), 'help']);
  return `unknown command ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function wrongCount({ name, positionals: { min, max, what } }: Command, { positionals }: ParsedArgs): string[] {
  if (positionals.length < min) return [`${name} needs ${what ?? 'an argument'}`];
  return positionals.length > max ? [`too many arguments: ${positionals.slice(max).join(' ')}`] : [];
}

function help([name, ...more]: readonly string[], host: Host): number {
  if (more.length > 0) return usage(host, [`too many arguments: ${more.join(' ')}`], 'millrace help');
  if (name === undefined || /^(-h|--?help)$/.test(name)) return tell(host, overview(COMMANDS));
  const known = name === 'help' ? HELP_COMMAND : COMMANDS.find((one) => one.name === name);
  return known === undefined ? usage(host, [unknownCommand(name)], 'millrace help') : tell(host, commandHelp(known));
}

function tell({ stdout }: Host, text: string): number {
  stdout(text);
  return EXIT.ok;
}

function usage({ stderr }: Host, errors: readonly string[], see: string): number {
  stderr(`${errors.map((error) => `Error: ${error}`).join('\n')}\nSee: ${see}\n`);
  return EXIT.usage;
}
