import { define } from '#components/kit/component.ts';
import { TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.groupbytrace',
  stability: 'experimental',
  summary: 'Holds the spans of a trace until a time after the first of them, and passes them on together.',
  args,
  otelcol: { kind: 'processor', type: 'groupbytrace' },
  accepts: [TRACES],
  worker: () => import('./worker.ts'),
});
