import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.groupbyattrs',
  stability: 'generally-available',
  summary: 'Moves attributes of spans, data points and log records to their resources, and merges equal resources.',
  args,
  otelcol: { kind: 'processor', type: 'groupbyattrs' },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
