import { define } from '#components/kit/component.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { reshape } from './reshape.ts';
import { args } from './schema.ts';

export const component = define({
  name: 'otelcol.processor.resourcedetection',
  stability: 'generally-available',
  summary:
    'Adds to resources what is found out about the host, container, cluster or cloud that the collector runs in.',
  args,
  otelcol: { kind: 'processor', type: 'resourcedetection', aliases: ['resource_detection'], reshape },
  accepts: [TRACES, METRICS, LOGS],
  worker: () => import('./worker.ts'),
});
