/** `millrace validate`: everything that is wrong with a configuration, without running it. */
import type { Command } from '../command.ts';
import { loadConfiguration } from '../configuration.ts';
import { CONFIG_FLAGS, HELP } from '../flags.ts';
import { EXIT } from '../host.ts';
import { diagnosticsText } from '../report.ts';
import { configSettings } from '../settings.ts';

export const validate: Command = {
  name: 'validate',
  usage: 'millrace validate PATH [flags]',
  summary: 'Check a configuration and list everything that is wrong with it.',
  flags: [...CONFIG_FLAGS, HELP],
  positionals: { least: 1, most: 1, what: 'the PATH of a configuration' },
  run: async (args, made, host) => {
    const [path = ''] = args.positionals;
    const loaded = await loadConfiguration(path, configSettings(args), made, host);
    host.stderr(diagnosticsText(loaded));
    if (loaded.graph === null) {
      host.stderr('Error: validation failed\n');
      return EXIT.failed;
    }
    host.stdout(`${path} is valid\n`);
    return EXIT.ok;
  },
};
