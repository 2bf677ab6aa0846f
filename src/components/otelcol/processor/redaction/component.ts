import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.redaction',
  stability: 'experimental',
  summary:
    'Removes attributes that are not allowed, and masks or hashes what must not be seen in values and log bodies.',
  args,
  otelcol: { kind: 'processor', type: 'redaction' },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
