import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.memory_limiter',
  stability: 'generally-available',
  summary: 'Refuses data while the process takes too much memory.',
  args,
  otelcol: { kind: 'processor', type: 'memory_limiter' },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
  guard: () => import('./guard.ts'),
});
