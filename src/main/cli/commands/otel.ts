/** `millrace otel`: runs OpenTelemetry Collector YAML as it is. */
import { MillraceError } from '#shared/errors.ts';
import type { Command } from '../command.ts';
import { RUN_FLAGS } from '../flags.ts';
import { overrideDocuments } from '../read-config.ts';
import { run } from '../run.ts';
import { runSettings } from '../settings.ts';

export const otel: Command = {
  name: 'otel',
  usage: 'millrace otel --config FILE [--config FILE ...] [--set KEY=VALUE ...] [flags]',
  summary:
    'Run OpenTelemetry Collector YAML.\nSeveral files are merged, later ones win; ${env:X}, ${env:X:-default}, ${file:PATH} and ${yaml:TEXT} are expanded.',
  flags: [
    {
      kind: 'list',
      name: 'config',
      local: true,
      default: [],
      doc: 'A file of Collector YAML, also as file:PATH or yaml:TEXT.',
    },
    {
      kind: 'list',
      name: 'set',
      local: true,
      default: [],
      doc: 'One value that wins over the files: processors.batch.timeout=2s.',
    },
    { kind: 'text', name: 'feature-gates', default: '', doc: 'No effect.', inert: true },
    ...RUN_FLAGS.filter(({ name }) => name !== 'config.format' && name !== 'stability.level'),
  ],
  stability: 'experimental',
  positionals: { min: 0, max: 0 },
  run: (args, { made, host }) => {
    const paths = args.values.get('config') as readonly string[];
    if (paths.length === 0) throw new MillraceError('usage', 'otel needs --config FILE');
    const overrides = args.values.get('set') as readonly string[];
    overrideDocuments(overrides);
    // The Collector has no such gate.
    const stability = 'experimental';
    return run({ ...runSettings(args), format: 'otelcol', stability, paths, overrides }, made, host);
  },
};
