import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.connector.spanlogs',
  stability: 'generally-available',
  summary: 'Writes log lines about spans, roots of traces, processes and events.',
  args,
  // Metrics and logs can be wired here as in Alloy, and are refused as there.
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
