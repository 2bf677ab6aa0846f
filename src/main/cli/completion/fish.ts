/** For fish 3 and later. */
import type { Command } from '../command.ts';
import type { Flag } from '../flags.ts';
import { candidates, firstLine, mayBeFile } from './candidates.ts';

export function fish(commands: readonly Command[]): string {
  const all = candidates(commands);
  const first = "complete -c millrace -n 'test (count (commandline -opc)) -eq 1'";
  const lines = [
    '# Completion of millrace for fish.',
    `${first} -f`,
    ...all.map(({ name, summary }) => `${first} -f -a ${name} -d ${quote(firstLine(summary))}`),
  ];
  for (const { name, flags, positional } of all) {
    // Not __fish_seen_subcommand_from: "help run" is not "run".
    const here = `complete -c millrace -n 'test (count (commandline -opc)) -gt 1; and test (commandline -opc)[2] = ${name}'`;
    if (positional === 'none') lines.push(`${here} -f`);
    else if (positional !== 'files') lines.push(`${here} -f -a ${quote(positional.join(' '))}`);
    for (const flag of flags) lines.push(`${here} ${flagOptions(flag)} -d ${quote(firstLine(flag.doc))}`);
  }
  return `${lines.join('\n')}\n`;
}

function flagOptions(flag: Flag): string {
  const name = `-l ${flag.name}${flag.short === undefined ? '' : ` -s ${flag.short}`}`;
  if (flag.kind === 'bool') return name;
  if (flag.kind === 'choice') return `${name} -x -a ${quote(flag.choices.join(' '))}`;
  return mayBeFile(flag) ? `${name} -r -F` : `${name} -x`;
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
