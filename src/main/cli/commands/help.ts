import type { Command } from '../command.ts';
import { HELP } from '../flags.ts';
import { commandHelp, overview } from '../help.ts';
import { EXIT } from '../host.ts';

/** `table`: every command, this one too. */
export function help(table: () => readonly Command[]): Command {
  return {
    name: 'help',
    usage: 'millrace help [COMMAND]',
    summary: 'Show this help, or that of a command.',
    flags: [HELP],
    positionals: { least: 0, most: 1 },
    run: async ({ positionals: [name] }, _, { stdout, stderr }) => {
      const command = table().find((c) => c.name === name);
      if (name !== undefined && command === undefined) {
        stderr(`Error: there is no command ${JSON.stringify(name)}\nSee: millrace help\n`);
        return EXIT.usage;
      }
      stdout(command === undefined ? overview(table()) : commandHelp(command));
      return EXIT.ok;
    },
  };
}
