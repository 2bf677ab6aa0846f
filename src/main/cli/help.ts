/** The help texts. Plain lines for a terminal of 100 columns. */
import { sizeText } from '#config/schema/size.ts';
import { environmentName, HEALTHCHECK_FLAGS, RUN_FLAGS, VALIDATE_FLAGS, type Flag } from './flags.ts';

interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    usage: 'millrace run [PATH] [flags]',
    summary:
      'Run the collector with a configuration file, or a folder of .alloy files.\nWithout PATH: OTLP on 127.0.0.1:4317 (gRPC) and 4318 (HTTP), printed by a debug exporter.',
    flags: RUN_FLAGS,
  },
  validate: {
    usage: 'millrace validate PATH [flags]',
    summary: 'Check a configuration and list everything that is wrong with it.',
    flags: VALIDATE_FLAGS,
  },
  healthcheck: {
    usage: 'millrace healthcheck [flags]',
    summary: 'Ask a running collector whether it is ready: exit code 0 or 1.',
    flags: HEALTHCHECK_FLAGS,
  },
  help: { usage: 'millrace help [COMMAND]', summary: 'Show this help, or that of a command.', flags: [] },
};

export function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const commands = Object.entries(COMMANDS).map(([name, c]) => `  ${name.padEnd(width)}  ${c.summary.split('\n')[0]}`);
  return [
    'millrace: a trace gateway collector that runs Grafana Alloy configuration.',
    '',
    'Usage: millrace COMMAND [flags]',
    '',
    ...commands,
    '',
    'Flags of all commands: --help, --version.',
    'Exit codes: 0 success, 1 a configuration or run-time error, 2 wrong usage.',
    '',
  ].join('\n');
}

export function commandHelp(name: string): string | undefined {
  const command = COMMANDS[name];
  if (command === undefined) return undefined;
  const lines = [`Usage: ${command.usage}`, '', ...command.summary.split('\n'), ''];
  const active = command.flags.filter((flag) => flag.inert !== true);
  if (active.length > 0) lines.push('Flags:', ...active.flatMap(flagLines), '');
  const inert = command.flags.filter((flag) => flag.inert === true);
  if (inert.length > 0)
    lines.push("Alloy's flags that are accepted but have no effect yet:", ...wrap(inert.map((f) => `--${f.name}`)), '');
  const example = active.find((flag) => flag.name !== 'help');
  if (example !== undefined)
    lines.push(`Each flag has an environment variable: --${example.name} is ${environmentName(example.name)}.`, '');
  return lines.join('\n');
}

function flagLines(flag: Flag): string[] {
  const values = valuesText(flag);
  const fallback = 'defaultText' in flag && flag.defaultText !== undefined ? flag.defaultText : String(flag.default);
  const shown = fallback === '' || (flag.kind === 'bool' && !flag.default) ? '' : ` Default: ${fallback}.`;
  return [`  --${flag.name}${values === '' ? '' : ` (${values})`}`, `      ${flag.doc}${shown}`];
}

function valuesText(flag: Flag): string {
  if (flag.kind === 'choice') return flag.choices.join(', ');
  if (flag.kind === 'count') return `${flag.min} to ${flag.max}`;
  return flag.kind === 'size' ? `${sizeText(flag.min)} to ${sizeText(flag.max)}` : '';
}

function wrap(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 98) lines[lines.length - 1] = `${last}, ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines;
}
