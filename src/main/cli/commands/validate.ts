/** `millrace validate`: everything that is wrong with a configuration, without running it. */
import { MillraceError } from '#shared/errors.ts';
import type { LoadResult } from '#main/graph/load.ts';
import type { Command } from '../command.ts';
import { CONFIG_FLAGS, HELP } from '../flags.ts';
import { EXIT } from '../host.ts';
import { loadConfig } from '../load-config.ts';
import { languageOf, STDIN_NAME } from '../read-config.ts';
import { diagnosticsText, githubText, inertText, jsonText, problemOf, problemOfFile, type Problem } from '../report.ts';
import { configSettings } from '../settings.ts';

type Format = 'text' | 'json' | 'github';

export const validate: Command = {
  name: 'validate',
  usage: 'millrace validate PATH [flags]',
  summary:
    'Check a configuration and list everything that is wrong with it.\nNothing is started; of what imports name only files are read. PATH - is standard input. Exit code 1 when there are errors.',
  flags: [
    {
      kind: 'choice',
      name: 'format',
      local: true,
      default: 'text',
      choices: ['text', 'json', 'github'],
      doc: 'How mistakes are written: text on stderr; json, or GitHub workflow commands, on stdout.',
    },
    ...CONFIG_FLAGS,
    HELP,
  ],
  positionals: { min: 1, max: 1, what: 'the PATH of a configuration' },
  run: async (args, { made, host }) => {
    const [path] = args.positionals as [string];
    const origin = { ...configSettings(args), paths: [path], overrides: [] };
    languageOf(origin);
    host.stderr(inertText(args.inert));
    const format = args.values.get('format') as Format;
    const warnings: string[] = [];
    const load = (): Promise<LoadResult> => loadConfig(origin, made, host, (message) => warnings.push(message));
    if (format !== 'text') {
      const problems = await problemsOf(load, path, warnings);
      host.stdout(format === 'json' ? jsonText(problems) : githubText(problems));
      return problems.some(({ severity }) => severity === 'error') ? EXIT.failed : EXIT.ok;
    }
    const loaded = await load();
    for (const warning of warnings) host.stderr(`Warning: ${warning}\n`);
    host.stderr(diagnosticsText(loaded));
    if (loaded.graph === null) host.stderr('Error: validation failed\n');
    else host.stdout(`${path === '-' ? STDIN_NAME : path} is valid\n`);
    return loaded.graph === null ? EXIT.failed : EXIT.ok;
  },
};

/** A program gets even what concerns the file as a whole in the shape of all the rest. */
async function problemsOf(
  load: () => Promise<LoadResult>,
  path: string,
  warnings: readonly string[],
): Promise<readonly Problem[]> {
  try {
    const { diagnostics } = await load();
    const whole = warnings.map((message) => problemOfFile('warning', 'conversion', message, path));
    return [...whole, ...diagnostics.map(problemOf)];
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    return [problemOfFile('error', thrown.code, thrown.message, path)];
  }
}
