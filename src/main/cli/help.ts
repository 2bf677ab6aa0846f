/** The help texts. Plain lines for a terminal of 100 columns. */
import { sizeText } from '#config/schema/size.ts';
import type { Command } from './command.ts';
import { environmentName, type Flag } from './flags.ts';

export function overview(table: Iterable<Command>): string {
  const all = [...table, HELP_COMMAND];
  const width = Math.max(...all.map(({ name }) => name.length));
  const commands = all.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary.split('\n')[0]}`);
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

export const HELP_COMMAND = {
  name: 'help',
  usage: 'millrace help [COMMAND]',
  summary: 'Show this help, or that of a command.',
  flags: [],
};

export function commandHelp(command: Pick<Command, 'usage' | 'summary' | 'flags' | 'stability'>): string {
  const lines = [`Usage: ${command.usage}`, '', ...command.summary.split('\n'), ''];
  if (command.stability !== undefined)
    lines.push(`Stability: ${command.stability}; flags and output may still change.`, '');
  const active = command.flags.filter((flag) => flag.inert !== true);
  if (active.length > 0) lines.push('Flags:', ...active.flatMap(flagLines), '');
  const inert = command.flags.filter((flag) => flag.inert === true);
  if (inert.length > 0)
    lines.push("Alloy's flags that are accepted but have no effect yet:", ...wrap(inert.map((f) => `--${f.name}`)), '');
  const example = active.find((flag) => flag.local !== true);
  if (example !== undefined) lines.push(...environmentLines(example, active), '');
  return lines.join('\n');
}

function environmentLines(example: Flag, flags: readonly Flag[]): string[] {
  const without = flags.filter((flag) => flag.local === true).map(({ name }) => `--${name}`);
  return [
    `Each flag has an environment variable: --${example.name} is ${environmentName(example.name)}.`,
    `Only the command line sets ${without.join(', ')}.`,
  ];
}

function flagLines(flag: Flag): string[] {
  const values = valuesText(flag);
  const letter = flag.short === undefined ? '' : `, -${flag.short}`;
  const fallback = 'defaultText' in flag && flag.defaultText !== undefined ? flag.defaultText : String(flag.default);
  const shown = fallback === '' || (flag.kind === 'bool' && !flag.default) ? '' : ` Default: ${fallback}.`;
  return [`  --${flag.name}${letter}${values === '' ? '' : ` (${values})`}`, `      ${flag.doc}${shown}`];
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
