import { define } from '#components/kit/component.ts';
import { METRICS } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.interval',
  stability: 'experimental',
  summary: 'Passes on the latest value of each metric once per interval.',
  args,
  otelcol: { kind: 'processor', type: 'interval' },
  accepts: [METRICS],
  worker: () => import('./worker.ts'),
});
