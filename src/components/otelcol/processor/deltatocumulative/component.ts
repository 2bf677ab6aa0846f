import { define } from '#components/kit/component.ts';
import { METRICS } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.deltatocumulative',
  stability: 'experimental',
  summary: 'Adds up metrics of delta temporality to cumulative ones.',
  args,
  otelcol: { kind: 'processor', type: 'deltatocumulative', aliases: ['delta_to_cumulative'] },
  accepts: [METRICS],
  worker: () => import('./worker.ts'),
});
