import { define } from '#components/kit/component.ts';
import { METRICS } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.exporter.prometheus',
  stability: 'generally-available',
  summary: 'Turns metrics into Prometheus series and forwards them.',
  args,
  accepts: [METRICS],
  worker: () => import('./worker.ts'),
});
