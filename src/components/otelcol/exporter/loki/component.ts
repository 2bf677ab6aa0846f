import { define } from '#components/kit/component.ts';
import { LOGS } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.exporter.loki',
  stability: 'generally-available',
  summary: 'Makes Loki lines of OTLP logs, for components that take those.',
  args,
  accepts: [LOGS],
  worker: () => import('./worker.ts'),
});
