import { reshapeSeverity } from '#components/kit/blocks/match-reshape.ts';
import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.span',
  stability: 'generally-available',
  summary: 'Makes names of spans from attributes and attributes from names, and sets the status of spans.',
  args,
  otelcol: { kind: 'processor', type: 'span', reshape: reshapeSeverity },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
