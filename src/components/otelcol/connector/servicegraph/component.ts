import { define } from '#components/kit/component.ts';
import { TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.connector.servicegraph',
  stability: 'generally-available',
  summary: 'Pairs the spans of both sides of a request and makes metrics of which service calls which.',
  args,
  otelcol: { kind: 'connector', type: 'servicegraph', aliases: ['service_graph'] },
  accepts: [TRACES],
  countsSpans: true,
  worker: () => import('./worker.ts'),
  merge: () => import('./merge.ts'),
});
