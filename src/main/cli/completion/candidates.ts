/** What can stand where on the command line, the same for every shell. */
import type { Command } from '../command.ts';
import type { Flag } from '../flags.ts';
import { HELP_COMMAND } from '../help.ts';

export interface Candidate extends Pick<Command, 'name' | 'summary' | 'flags'> {
  /** `none`; `files`; or the words that are possible. */
  readonly positional: 'none' | 'files' | readonly string[];
}

/** The commands in their order, and `help`. */
export function candidates(commands: readonly Command[]): readonly Candidate[] {
  const names = [...commands.map(({ name }) => name), HELP_COMMAND.name];
  return [
    ...commands.map(({ name, summary, flags, positionals: { max, choices } }) => ({
      name,
      summary,
      flags,
      positional: choices ?? (max === 0 ? ('none' as const) : ('files' as const)),
    })),
    { ...HELP_COMMAND, positional: names },
  ];
}

/** `--output`, `-o`. */
export function written({ name, short }: Flag): readonly string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

/** Whether a value of it may be the name of a file. */
export function mayBeFile({ kind }: Flag): boolean {
  return kind === 'text' || kind === 'list';
}

export const firstLine = (text: string): string => text.split('\n', 1)[0];
