/** From the command line to a command, its help, or the reason why it is not understood. */
import { nearest } from '#config/diag/suggest.ts';
import { MillraceError } from '#shared/errors.ts';
import { parseFlags, type ParsedArgs } from './args.ts';
import { healthcheck } from './healthcheck.ts';
import { commandHelp, COMMANDS, overview } from './help.ts';
import { EXIT, type Host } from './host.ts';
import { run, type Made } from './run.ts';
import { configSettings, runSettings } from './settings.ts';
import { validate } from './validate.ts';

/** Runs one command line (without node and script) and resolves with the exit code. Rejects only for bugs. */
export async function command(argv: readonly string[], made: Made, host: Host): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return tell(host, overview());
  if (name === '--version' || name === '-v' || name === '-version') return tell(host, `millrace ${made.version}\n`);
  const known = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (known === undefined) {
    const near = nearest(name, Object.keys(COMMANDS));
    return usage(
      host,
      [`unknown command ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`],
      'millrace help',
    );
  }
  if (name === 'help') return help(rest[0], host);
  if (rest.includes('--version')) return tell(host, `millrace ${made.version}\n`);
  const args = parseFlags(known.flags, rest, host.env);
  if (args.values.get('help') === true) return help(name, host);
  const errors = [...args.errors, ...wrongCount(name, args)];
  if (errors.length > 0) return usage(host, errors, `millrace help ${name}`);
  try {
    return await start(name, args, made, host);
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    host.stderr(`Error: ${thrown.message}\n`);
    return EXIT.failed;
  }
}

async function start(name: string, args: ParsedArgs, made: Made, host: Host): Promise<number> {
  if (name === 'healthcheck') {
    const { values } = args;
    return healthcheck(values.get('server.http.listen-addr') as string, values.get('timeout') as number, host);
  }
  const { format } = configSettings(args);
  if (format !== 'alloy')
    throw new MillraceError(
      'config_format',
      `--config.format=${format} is not available yet in this version: write the configuration in Alloy syntax`,
    );
  if (name === 'validate') return validate(args.positionals[0], configSettings(args), made, host);
  return run(runSettings(args), made, host);
}

function wrongCount(name: string, { positionals }: ParsedArgs): string[] {
  if (name === 'validate' && positionals.length === 0) return ['validate needs the PATH of a configuration'];
  const most = name === 'healthcheck' ? 0 : 1;
  return positionals.length > most ? [`too many arguments: ${positionals.slice(most).join(' ')}`] : [];
}

function help(name: string | undefined, host: Host): number {
  const text = name === undefined ? overview() : commandHelp(name);
  return text === undefined
    ? usage(host, [`there is no command ${JSON.stringify(name)}`], 'millrace help')
    : tell(host, text);
}

function tell({ stdout }: Host, text: string): number {
  stdout(text);
  return EXIT.ok;
}

function usage({ stderr }: Host, errors: readonly string[], see: string): number {
  stderr(`${errors.map((error) => `Error: ${error}`).join('\n')}\nSee: ${see}\n`);
  return EXIT.usage;
}
