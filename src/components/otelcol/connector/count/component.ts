import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { reshape } from './reshape.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.connector.count',
  stability: 'experimental',
  summary: 'Counts spans, span events, metrics, data points and log records into metrics.',
  args,
  otelcol: { kind: 'connector', type: 'count', reshape },
  accepts: [TRACES, METRICS, LOGS],
  countsSpans: true,
  worker: () => import('./worker.ts'),
  merge: () => import('./merge.ts'),
});
