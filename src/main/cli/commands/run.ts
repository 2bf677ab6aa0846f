import type { Command } from '../command.ts';
import { RUN_FLAGS } from '../flags.ts';
import { run } from '../run.ts';
import { runSettings } from '../settings.ts';

export const runCommand: Command = {
  name: 'run',
  usage: 'millrace run [PATH] [flags]',
  summary:
    'Run the collector with a configuration file, or a folder of .alloy files.\nWithout PATH: OTLP on 127.0.0.1:4317 (gRPC) and 4318 (HTTP), printed by a debug exporter.',
  flags: RUN_FLAGS,
  positionals: { least: 0, most: 1 },
  run: async (args, made, host) => run(runSettings(args), made, host),
};
