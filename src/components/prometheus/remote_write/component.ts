import { define } from '#components/kit/component.ts';
import { PROMETHEUS } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'prometheus.remote_write',
  stability: 'generally-available',
  summary: 'Sends Prometheus series to servers by the remote write protocol.',
  args,
  accepts: [PROMETHEUS],
  worker: () => import('./worker.ts'),
});
