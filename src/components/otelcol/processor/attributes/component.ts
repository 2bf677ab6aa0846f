import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { reshapeSeverity } from '#components/kit/blocks/match-reshape.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.attributes',
  stability: 'generally-available',
  summary:
    'Inserts, changes, hashes, extracts from, converts and deletes attributes of spans, data points and log records.',
  args,
  otelcol: { kind: 'processor', type: 'attributes', reshape: reshapeSeverity },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
