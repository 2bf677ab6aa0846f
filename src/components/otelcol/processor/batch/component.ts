import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.batch',
  stability: 'generally-available',
  summary: 'Collects spans, metrics and logs into batches before they are sent on.',
  args,
  otelcol: { kind: 'processor', type: 'batch' },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
