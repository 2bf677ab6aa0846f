import { define } from '#components/kit/component.ts';
import { LOKI } from '#shared/signal.ts';
import { args, exports } from './schema.ts';

export const component = define({
  name: 'loki.relabel',
  stability: 'generally-available',
  summary: 'Changes the labels of log lines by rules, and drops lines by their labels.',
  args,
  accepts: [LOKI],
  exports,
  provider: () => import('./provider.ts'),
  worker: () => import('./worker.ts'),
});
