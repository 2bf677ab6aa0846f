import { define } from '#components/kit/component.ts';
import { TRACES } from '#shared/signal.ts';
import { reshape } from './reshape.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.connector.spanmetrics',
  stability: 'generally-available',
  summary: 'Counts spans and their durations as metrics: requests, errors, latency.',
  args,
  otelcol: { kind: 'connector', type: 'spanmetrics', aliases: ['span_metrics'], reshape },
  accepts: [TRACES],
  countsSpans: true,
  worker: () => import('./worker.ts'),
  merge: () => import('./merge.ts'),
});
