import { define } from '#components/kit/component.ts';
import { reshape } from './reshape.ts';
import { args } from './schema.ts';

/** Receives OTLP over gRPC and HTTP. The sockets are on the main thread; every request is offered to the pipeline whole. */
export const component = define({
  name: 'otelcol.receiver.otlp',
  stability: 'generally-available',
  summary: 'Receives traces, metrics and logs in OTLP over gRPC and HTTP.',
  args,
  otelcol: { kind: 'receiver', type: 'otlp', reshape },
  accepts: [],
  main: () => import('./main.ts'),
});
