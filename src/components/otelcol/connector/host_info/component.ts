import { define } from '#components/kit/component.ts';
import { TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.connector.host_info',
  stability: 'generally-available',
  summary: 'Writes a metric for each host that sends spans.',
  args,
  accepts: [TRACES],
  countsSpans: true,
  worker: () => import('./worker.ts'),
  merge: () => import('./merge.ts'),
});
