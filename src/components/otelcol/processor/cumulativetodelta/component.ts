import { define } from '#components/kit/component.ts';
import { METRICS } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.cumulativetodelta',
  stability: 'public-preview',
  summary: 'Turns cumulative metrics into metrics of delta temporality.',
  args,
  otelcol: { kind: 'processor', type: 'cumulativetodelta', aliases: ['cumulative_to_delta'] },
  accepts: [METRICS],
  worker: () => import('./worker.ts'),
});
