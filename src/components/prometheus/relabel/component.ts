import { define } from '#components/kit/component.ts';
import { PROMETHEUS } from '#shared/signal.ts';
import { args, exports } from './schema.ts';

export const component = define({
  name: 'prometheus.relabel',
  stability: 'generally-available',
  summary: 'Changes the labels of Prometheus series by rules, and drops series by their labels.',
  args,
  accepts: [PROMETHEUS],
  exports,
  provider: () => import('./provider.ts'),
  worker: () => import('./worker.ts'),
});
