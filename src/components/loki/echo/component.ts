import { define } from '#components/kit/component.ts';
import { LOKI } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'loki.echo',
  stability: 'generally-available',
  summary: 'Prints log lines to the log.',
  args,
  accepts: [LOKI],
  worker: () => import('./worker.ts'),
});
