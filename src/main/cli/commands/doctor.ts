/** `millrace doctor`: whether this machine, and a configuration, are fit to run. */
import { processEnvironment } from '#config/eval/environment.ts';
import { MillraceError } from '#shared/errors.ts';
import { examine, type Finding } from '#main/doctor/machine.ts';
import { examineAddresses } from '#main/doctor/addresses.ts';
import { load } from '#main/graph/load.ts';
import { moduleFolder } from '#main/graph/source.ts';
import type { Command } from '../command.ts';
import { HELP, RUN_FLAGS } from '../flags.ts';
import { EXIT } from '../host.ts';
import { readConfig } from '../read-config.ts';
import { diagnosticsText } from '../report.ts';
import { runSettings } from '../settings.ts';

export const doctor: Command = {
  name: 'doctor',
  usage: 'millrace doctor [PATH] [flags]',
  summary:
    'Look for what would keep millrace from running well here.\nNode, memory and file limits, drivers; with PATH also the configuration and whether its addresses are free. Takes the flags of run.',
  flags: [
    {
      kind: 'choice',
      name: 'format',
      default: 'text',
      choices: ['text', 'json'],
      doc: 'How the findings are written.',
    },
    ...RUN_FLAGS.filter(({ name }) => name !== 'help'),
    HELP,
  ],
  positionals: { min: 0, max: 1 },
  run: async (args, { made, host }) => {
    const settings = runSettings(args);
    const findings: Finding[] = [...(await examine(settings))];
    const [path] = settings.paths;
    if (path !== undefined) {
      try {
        const loaded = await load(await readConfig(settings, made, host.env, () => {}), {
          components: made.components,
          stability: settings.stability,
          environment: processEnvironment(made.version),
          clock: host.clock,
          path: moduleFolder(path),
        });
        findings.push(
          loaded.graph === null
            ? {
                state: 'fail',
                what: `configuration ${path}`,
                found: diagnosticsText(loaded).trim(),
                advice: 'correct what millrace validate says',
              }
            : { state: 'ok', what: `configuration ${path}`, found: `${loaded.graph.nodes.length} components` },
        );
        if (loaded.graph !== null) findings.push(...(await examineAddresses(loaded.graph, settings.listenAddr)));
      } catch (thrown) {
        if (!(thrown instanceof MillraceError)) throw thrown;
        findings.push({
          state: 'fail',
          what: `configuration ${path}`,
          found: thrown.message,
          advice: 'give a file or folder that can be read',
        });
      }
    }
    const worst = findings.some(({ state }) => state === 'fail') ? EXIT.failed : EXIT.ok;
    if (args.values.get('format') === 'json')
      host.stdout(`${JSON.stringify({ ok: worst === EXIT.ok, findings }, null, 2)}\n`);
    else
      for (const { state, what, found, advice } of findings)
        host.stdout(`${state.padEnd(4)}  ${what}: ${found}${advice === undefined ? '' : `\n      ${advice}`}\n`);
    return worst;
  },
};
