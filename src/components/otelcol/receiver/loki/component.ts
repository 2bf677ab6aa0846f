import { define } from '#components/kit/component.ts';
import { LOKI } from '#shared/signal.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.receiver.loki',
  stability: 'generally-available',
  summary: 'Makes OTLP logs of Loki lines.',
  args,
  accepts: [LOKI],
  worker: () => import('./worker.ts'),
});
