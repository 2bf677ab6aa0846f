/** `millrace validate`: everything that is wrong with a configuration, without running it. */
import { processEnvironment } from '#config/eval/environment.ts';
import { load } from '#main/graph/load.ts';
import { moduleFolder } from '#main/graph/source.ts';
import type { Command } from '../command.ts';
import { CONFIG_FLAGS, HELP } from '../flags.ts';
import { EXIT } from '../host.ts';
import { readConfig } from '../read-config.ts';
import { diagnosticsText, githubText, jsonText } from '../report.ts';
import { configSettings } from '../settings.ts';

export const validate: Command = {
  name: 'validate',
  usage: 'millrace validate PATH [flags]',
  summary:
    'Check a configuration and list everything that is wrong with it.\nNothing is started; of what imports name only files are read. Exit code 1 when there are errors.',
  flags: [
    {
      kind: 'choice',
      name: 'format',
      default: 'text',
      choices: ['text', 'json', 'github'],
      doc: 'How mistakes are written: text on stderr; json, or GitHub workflow commands, on stdout.',
    },
    ...CONFIG_FLAGS,
    HELP,
  ],
  positionals: { min: 1, max: 1, what: 'the PATH of a configuration' },
  run: async (args, { made, host }) => {
    const { stdout, stderr, clock, env } = host;
    const settings = configSettings(args);
    const [path] = args.positionals as [string];
    const origin = { ...settings, paths: [path], overrides: [] };
    const format = args.values.get('format') as string;
    const warnings: string[] = [];
    const loaded = await load(await readConfig(origin, made, env, (message) => warnings.push(message)), {
      components: made.components,
      stability: settings.stability,
      environment: processEnvironment(made.version),
      clock,
      path: moduleFolder(path),
    });
    if (format === 'json') stdout(jsonText(loaded));
    else if (format === 'github') stdout(githubText(loaded));
    else {
      for (const warning of warnings) stderr(`Warning: ${warning}\n`);
      stderr(diagnosticsText(loaded));
      if (loaded.graph === null) stderr('Error: validation failed\n');
      else stdout(`${path} is valid\n`);
    }
    return loaded.graph === null ? EXIT.failed : EXIT.ok;
  },
};
