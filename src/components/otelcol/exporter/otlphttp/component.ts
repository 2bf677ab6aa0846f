import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { reshape } from './reshape.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.exporter.otlphttp',
  stability: 'generally-available',
  summary: 'Sends spans, metrics and logs to an OTLP server over HTTP.',
  args,
  otelcol: { kind: 'exporter', type: 'otlphttp', aliases: ['otlp_http'], reshape },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
