/** `millrace doctor`: whether this machine, and a configuration, are fit to run. */
import { examineAddresses } from '#main/doctor/addresses.ts';
import { examineDestinations } from '#main/doctor/destinations.ts';
import type { Finding } from '#main/doctor/finding.ts';
import { examineMachine, thisMachine } from '#main/doctor/machine.ts';
import { examineDriver, examineRuntime } from '#main/doctor/runtime.ts';
import { MillraceError } from '#shared/errors.ts';
import type { Command, CommandContext } from '../command.ts';
import { bool, HELP, local, RUN_FLAGS } from '../flags.ts';
import { EXIT } from '../host.ts';
import { loadConfig } from '../load-config.ts';
import { languageOf } from '../read-config.ts';
import { diagnosticsText, inertText } from '../report.ts';
import { runSettings, type RunSettings } from '../settings.ts';
import { ENGINES, NODE_FLAGS } from '../version.ts';

export const doctor: Command = {
  name: 'doctor',
  usage: 'millrace doctor [PATH] [flags]',
  summary:
    'Look for what would keep millrace from running well here.\nNode, memory and file limits, drivers; with PATH also the configuration and whether its addresses are free. Takes the flags of\nrun. Exit code 1 when something fails.',
  flags: [
    {
      kind: 'choice',
      name: 'format',
      local: true,
      default: 'text',
      choices: ['text', 'json'],
      doc: 'How the findings are written.',
    },
    local(bool('network', false, 'Also look up the names of the backends and connect to them.')),
    ...RUN_FLAGS.filter(({ name }) => name !== 'help' && name !== 'dry-run'),
    HELP,
  ],
  positionals: { min: 0, max: 1 },
  run: async (args, context) => {
    const settings = runSettings(args);
    languageOf(settings);
    const { host } = context;
    host.stderr(inertText(args.inert));
    const findings: readonly Finding[] = [
      ...examineRuntime(
        { version: process.versions.node, execArgv: process.execArgv, platform: process.platform, arch: process.arch },
        { engines: ENGINES, nodeFlags: NODE_FLAGS },
      ),
      await examineDriver(settings.httpDriver),
      ...examineMachine(await thisMachine(host.env), settings),
      ...(settings.paths.length === 0
        ? []
        : await examineConfig(settings, args.values.get('network') === true, context)),
    ];
    const isFit = findings.every(({ state }) => state !== 'fail');
    host.stdout(
      args.values.get('format') === 'json'
        ? `${JSON.stringify({ ok: isFit, findings }, null, 2)}\n`
        : findings.map(lines).join(''),
    );
    return isFit ? EXIT.ok : EXIT.failed;
  },
};

async function examineConfig(
  settings: RunSettings,
  usesNetwork: boolean,
  { made, host }: CommandContext,
): Promise<readonly Finding[]> {
  const what = `configuration ${settings.paths.join(', ')}`;
  try {
    const loaded = await loadConfig(settings, made, host, () => {});
    const { graph } = loaded;
    if (graph === null)
      return [
        {
          state: 'fail',
          what,
          found: diagnosticsText(loaded).trim(),
          advice: 'correct it; millrace validate says the same',
        },
      ];
    return [
      { state: 'ok', what, found: `${graph.nodes.length} components` },
      ...(await examineAddresses(graph, settings.listenAddr)),
      ...(usesNetwork ? await examineDestinations(graph) : []),
    ];
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    return [{ state: 'fail', what, found: thrown.message }];
  }
}

function lines({ state, what, found, advice }: Finding): string {
  const indent = (text: string): string => text.replaceAll('\n', '\n      ');
  return `${state.padEnd(4)}  ${what}: ${indent(found)}${advice === undefined ? '' : `\n      ${advice}`}\n`;
}
