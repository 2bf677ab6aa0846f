import { define } from '#components/kit/component.ts';
import { PROMETHEUS } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.receiver.prometheus',
  stability: 'generally-available',
  summary: 'Turns Prometheus series into metrics.',
  args,
  accepts: [PROMETHEUS],
  worker: () => import('./worker.ts'),
});
