/** `millrace components`: what this build can run. */
import type { BodySchema, Shape } from '#config/schema/schema.ts';
import { FLOW_NAMES } from '#shared/signal.ts';
import type { Command } from '../command.ts';
import { HELP } from '../flags.ts';
import { EXIT } from '../host.ts';

const STABILITY_WIDTH = 'generally-available'.length;
const SIGNALS_WIDTH = FLOW_NAMES.join(' ').length;

/** What its `output` block has attributes for. */
function emitted({ shape }: BodySchema<Shape>): readonly string[] {
  const output = Object.hasOwn(shape, 'output') ? shape['output'] : undefined;
  return output?.kind === 'block' ? FLOW_NAMES.filter((signal) => Object.hasOwn(output.body.shape, signal)) : [];
}

export const components: Command = {
  name: 'components',
  usage: 'millrace components [flags]',
  summary: 'List the components that a configuration can use.',
  flags: [
    {
      kind: 'choice',
      name: 'format',
      local: true,
      default: 'text',
      choices: ['text', 'json'],
      doc: 'How the list is written.',
    },
    HELP,
  ],
  positionals: { min: 0, max: 0 },
  run: ({ values }, { made, host }) => {
    const list = [...made.components.values()]
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, stability, accepts, summary, otelcol, args }) => ({
        name,
        stability,
        accepts: accepts.map((signal) => FLOW_NAMES[signal]),
        emits: emitted(args),
        otelcol: otelcol === undefined ? null : `${otelcol.kind}s.${otelcol.type}`,
        summary,
      }));
    if (values.get('format') === 'json')
      host.stdout(`${JSON.stringify({ version: made.version, components: list }, null, 2)}\n`);
    else {
      const width = Math.max(...list.map(({ name }) => name.length));
      for (const { name, stability, accepts, emits, summary } of list) {
        const signals = FLOW_NAMES.filter((signal) => accepts.includes(signal) || emits.includes(signal)).join(' ');
        const columns = [name.padEnd(width), stability.padEnd(STABILITY_WIDTH), signals.padEnd(SIGNALS_WIDTH), summary];
        host.stdout(`${columns.join('  ').trimEnd()}\n`);
      }
    }
    return Promise.resolve(EXIT.ok);
  },
};
