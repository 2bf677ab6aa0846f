import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.connector.signaltometrics',
  stability: 'experimental',
  summary: 'Makes metrics of spans, data points and log records, by OTTL expressions.',
  args,
  otelcol: { kind: 'connector', type: 'signaltometrics', aliases: ['signal_to_metrics'] },
  accepts: [TRACES, METRICS, LOGS],
  countsSpans: true,
  worker: () => import('./worker.ts'),
  merge: () => import('./merge.ts'),
});
