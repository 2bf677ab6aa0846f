import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { reshape } from './reshape.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.transform',
  stability: 'generally-available',
  summary: 'Changes traces, metrics and logs by statements of the OpenTelemetry Transformation Language.',
  args,
  otelcol: { kind: 'processor', type: 'transform', reshape },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
