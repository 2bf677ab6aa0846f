import { define } from '#components/kit/component.ts';
import { PROMETHEUS } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'prometheus.echo',
  stability: 'generally-available',
  summary: 'Prints Prometheus series for people to read.',
  args,
  accepts: [PROMETHEUS],
  worker: () => import('./worker.ts'),
});
