import { define } from '#components/kit/component.ts';
import { LOKI } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'loki.process',
  stability: 'generally-available',
  summary: 'Reads, changes and drops log lines by stages, in the order in which they are written.',
  args,
  accepts: [LOKI],
  worker: () => import('./worker.ts'),
});
