/** `millrace completion`: scripts that let a shell complete commands, flags and their values, made from the table of commands. */
import { MillraceError } from '#shared/errors.ts';
import type { Command } from '../command.ts';
import { bash } from '../completion/bash.ts';
import { fish } from '../completion/fish.ts';
import { zsh } from '../completion/zsh.ts';
import { HELP } from '../flags.ts';
import { EXIT } from '../host.ts';

const SHELLS: ReadonlyMap<string, (commands: readonly Command[]) => string> = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
]);

export const completion: Command = {
  name: 'completion',
  usage: 'millrace completion bash|zsh|fish',
  summary: `Print a completion script for a shell.
bash: source <(millrace completion bash)
zsh:  source <(millrace completion zsh), after compinit
fish: millrace completion fish | source`,
  flags: [HELP],
  positionals: { min: 1, max: 1, what: 'the name of a shell: bash, zsh or fish', choices: [...SHELLS.keys()] },
  run: ({ positionals: [shell = ''] }, { host, commands }) => {
    const script = SHELLS.get(shell);
    if (script === undefined)
      throw new MillraceError('usage', `there is no completion for ${JSON.stringify(shell)}: use bash, zsh or fish`);
    host.stdout(script(commands));
    return Promise.resolve(EXIT.ok);
  },
};
