/** `millrace trace-test`: unit tests of a pipeline. What runs them is a room of its own, which is loaded when it is needed. */
import { writeFile } from 'node:fs/promises';
import { processEnvironment } from '#config/eval/environment.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import { configBytes } from '#main/graph/file-bytes.ts';
import { moduleFolder, type Source } from '#main/graph/source.ts';
import type { Stability } from '#components/kit/component.ts';
import type { ConfigOfTest } from '#trace-test/file/test-file.ts';
import type { Command } from '../command.ts';
import { bool, CONFIG_FLAGS, HELP, local, text } from '../flags.ts';
import { EXIT, type Host } from '../host.ts';
import { readConfig, type ConfigOrigin } from '../read-config.ts';
import type { Made } from '../run.ts';

export const traceTest: Command = {
  name: 'trace-test',
  usage: 'millrace trace-test FILE... [flags]',
  summary:
    'Test what a configuration makes of spans, metrics and logs.\nThe real pipeline runs offline: no sockets, time passes as a test says. Exit code 1 when a test fails, 2 when a file is no test.',
  flags: [
    local(text('junit', '', 'File for the results as JUnit XML.')),
    local(text('case', '', 'Run only the cases whose names contain this.')),
    local(bool('show', false, 'Also print everything that came out, as a test would expect it.')),
    local(
      bool('update', false, 'Write what came out into the files, in the place of items that were expected and differ.'),
    ),
    local(bool('schema', false, 'Print the JSON Schema of test files, for editors.')),
    ...CONFIG_FLAGS.filter(({ name }) => name === 'stability.level'),
    HELP,
  ],
  positionals: { min: 0, max: Infinity },
  run: async (args, { made, host }) => {
    const { values, positionals } = args;
    if (values.get('schema') === true) {
      const { SCHEMA } = await import('#trace-test/file/schema.ts');
      host.stdout(`${JSON.stringify(SCHEMA, null, 2)}\n`);
      return EXIT.ok;
    }
    if (positionals.length === 0) throw new MillraceError('usage', 'trace-test needs a FILE');
    const only = values.get('case') as string;
    const stability = values.get('stability.level') as Stability;
    const { traceTest: run, textName } = await import('#trace-test/trace-test.ts');
    const { passed, failed, broken, suites } = await run(positionals, {
      components: made.components,
      stability,
      environment: processEnvironment(made.version),
      env: host.env,
      readFile: configBytes,
      update: values.get('update') === true,
      writeFile: write,
      readConfig: (config, env) => readConfigOf(config, textName(config.span.file), env, stability, made, host),
      print: host.stdout,
      coloured: host.coloured,
      show: values.get('show') === true,
      only,
      nowMs: () => host.clock.monotonicMs(),
    });
    const junit = values.get('junit') as string;
    if (junit !== '') {
      const { junitXml } = await import('#trace-test/report/junit.ts');
      await write(junit, junitXml(suites));
    }
    if (broken > 0) return EXIT.usage;
    if (passed + failed === 0) throw new MillraceError('usage', `no case has ${JSON.stringify(only)} in its name`);
    return failed > 0 ? EXIT.failed : EXIT.ok;
  },
};

async function readConfigOf(
  { path, text: written, format, span }: ConfigOfTest,
  textName: string,
  env: Host['env'],
  stability: Stability,
  made: Made,
  { stdin }: Host,
): Promise<{ readonly sources: readonly Source[]; readonly path: string }> {
  const folder = moduleFolder(path ?? span.file);
  if (path === null && format !== 'otelcol')
    return { sources: [{ name: textName, bytes: Buffer.from(written) }], path: folder };
  const origin: ConfigOrigin = {
    format: format ?? 'auto',
    bypassConversionErrors: false,
    extraArgs: '',
    stability,
    paths: [path ?? `yaml:${written}`],
    overrides: [],
  };
  return { sources: await readConfig(origin, made, { env, stdin }, () => {}), path: folder };
}

async function write(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (thrown) {
    throw new MillraceError('write', `cannot write ${file}: ${errorText(thrown)}`, { cause: thrown });
  }
}
