import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.exporter.debug',
  stability: 'experimental',
  summary: 'Prints spans, metrics and logs for people to read.',
  args,
  otelcol: { kind: 'exporter', type: 'debug' },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
