import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.exporter.otlp',
  stability: 'generally-available',
  summary: 'Sends spans, metrics and logs to an OTLP server over gRPC.',
  args,
  otelcol: { kind: 'exporter', type: 'otlp', aliases: ['otlp_grpc'] },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
