import { define } from '#components/kit/component.ts';
import { LOGS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.probabilistic_sampler',
  stability: 'generally-available',
  summary: 'Lets a percentage of traces and log records through, the same traces in every collector.',
  args,
  otelcol: { kind: 'processor', type: 'probabilistic_sampler' },
  accepts: [TRACES, LOGS],
  samples: true,
  worker: () => import('./worker.ts'),
});
