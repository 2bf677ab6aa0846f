/** `millrace run`. */
import { MillraceError } from '#shared/errors.ts';
import type { Command } from '../command.ts';
import { RUN_FLAGS } from '../flags.ts';
import { languageOf } from '../read-config.ts';
import { run as runCollector } from '../run.ts';
import { runSettings } from '../settings.ts';

export const run: Command = {
  name: 'run',
  usage: 'millrace run [PATH] [flags]',
  summary:
    'Run the collector with a configuration file, or a folder of .alloy files.\nWithout PATH: OTLP on 127.0.0.1:4317 (gRPC) and 4318 (HTTP), printed by a debug exporter.',
  flags: RUN_FLAGS,
  positionals: { min: 0, max: 1 },
  run: (args, { made, host }) => {
    const settings = runSettings(args);
    languageOf(settings);
    if (settings.paths[0] === '-')
      throw new MillraceError(
        'usage',
        'run needs a file or a folder, since it reads it again for a reload: - is not offered',
      );
    return runCollector(settings, made, host);
  },
};
