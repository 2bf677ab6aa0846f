import { define } from '#components/kit/component.ts';
import { LOKI } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'loki.write',
  stability: 'generally-available',
  summary: 'Sends log lines to Loki, in batches for each tenant.',
  args,
  accepts: [LOKI],
  worker: () => import('./worker.ts'),
});
