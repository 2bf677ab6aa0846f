import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { reshape } from './reshape.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.filter',
  stability: 'generally-available',
  summary: 'Drops spans, span events, metrics, data points and log records that meet OTTL conditions.',
  args,
  otelcol: { kind: 'processor', type: 'filter', reshape },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
