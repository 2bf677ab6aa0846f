/** From the command line to a command, its help, or the reason why it is not understood. */
import { nearest } from '#config/diag/suggest.ts';
import { MillraceError } from '#shared/errors.ts';
import { parseFlags, type ParsedArgs } from './args.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { commandHelp, overview } from './help.ts';
import { EXIT, type Host } from './host.ts';
import type { Made } from './run.ts';

/** Runs one command line (without node and script) and resolves with the exit code. Rejects only for bugs. */
export async function command(argv: readonly string[], made: Made, host: Host): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return tell(host, overview(COMMANDS));
  if (name === '--version' || name === '-v' || name === '-version') return tell(host, `millrace ${made.version}\n`);
  const known = COMMANDS.find((c) => c.name === name);
  if (known === undefined) {
    const near = nearest(
      name,
      COMMANDS.map((c) => c.name),
    );
    return usage(
      host,
      [`unknown command ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`],
      'millrace help',
    );
  }
  if (rest.includes('--version')) return tell(host, `millrace ${made.version}\n`);
  const args = parseFlags(known.flags, rest, host.env);
  if (args.values.get('help') === true) return tell(host, commandHelp(known));
  const errors = [...args.errors, ...wrongCount(known, args)];
  if (errors.length > 0) return usage(host, errors, `millrace help ${name}`);
  try {
    return await known.run(args, made, host);
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    host.stderr(`Error: ${thrown.message}\n`);
    return EXIT.failed;
  }
}

function wrongCount({ name, positionals: { least, most, what } }: Command, { positionals }: ParsedArgs): string[] {
  if (positionals.length < least) return [`${name} needs ${what ?? 'an argument'}`];
  return positionals.length > most ? [`too many arguments: ${positionals.slice(most).join(' ')}`] : [];
}

function tell({ stdout }: Host, text: string): number {
  stdout(text);
  return EXIT.ok;
}

function usage({ stderr }: Host, errors: readonly string[], see: string): number {
  stderr(`${errors.map((error) => `Error: ${error}`).join('\n')}\nSee: ${see}\n`);
  return EXIT.usage;
}
