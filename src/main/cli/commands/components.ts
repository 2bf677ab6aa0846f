/** `millrace components`: what this build can run. */
import { SIGNAL_NAMES } from '#shared/signal.ts';
import type { Command } from '../command.ts';
import { HELP } from '../flags.ts';
import { EXIT } from '../host.ts';

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
      .map(({ name, stability, accepts, summary, otelcol }) => ({
        name,
        stability,
        accepts: accepts.map((signal) => SIGNAL_NAMES[signal]),
        otelcol: otelcol === undefined ? null : `${otelcol.kind}s.${otelcol.type}`,
        summary,
      }));
    if (values.get('format') === 'json')
      host.stdout(`${JSON.stringify({ version: made.version, components: list }, null, 2)}\n`);
    else {
      const width = Math.max(...list.map(({ name }) => name.length));
      for (const { name, stability, summary } of list)
        host.stdout(`${name.padEnd(width)}  ${stability.padEnd('generally-available'.length)}  ${summary}\n`);
    }
    return Promise.resolve(EXIT.ok);
  },
};
