/** The components that have a part in the workers, by name. Loaded on first use, so that a worker holds only what its plan names. */
import { MillraceError } from '#shared/errors.ts';
import type { CreateWorkerPart } from './kit/component.ts';

type Load = () => Promise<{ readonly create: CreateWorkerPart<never> }>;

const WORKER_PARTS: Readonly<Record<string, Load>> = {
  'loki.echo': () => import('./loki/echo/worker.ts'),
  'loki.process': () => import('./loki/process/worker.ts'),
  'loki.relabel': () => import('./loki/relabel/worker.ts'),
  'loki.write': () => import('./loki/write/worker.ts'),
  'otelcol.connector.count': () => import('./otelcol/connector/count/worker.ts'),
  'otelcol.connector.host_info': () => import('./otelcol/connector/host_info/worker.ts'),
  'otelcol.connector.servicegraph': () => import('./otelcol/connector/servicegraph/worker.ts'),
  'otelcol.connector.signaltometrics': () => import('./otelcol/connector/signaltometrics/worker.ts'),
  'otelcol.connector.spanlogs': () => import('./otelcol/connector/spanlogs/worker.ts'),
  'otelcol.connector.spanmetrics': () => import('./otelcol/connector/spanmetrics/worker.ts'),
  'otelcol.exporter.debug': () => import('./otelcol/exporter/debug/worker.ts'),
  'otelcol.exporter.loki': () => import('./otelcol/exporter/loki/worker.ts'),
  'otelcol.exporter.otlp': () => import('./otelcol/exporter/otlp/worker.ts'),
  'otelcol.exporter.otlphttp': () => import('./otelcol/exporter/otlphttp/worker.ts'),
  'otelcol.exporter.prometheus': () => import('./otelcol/exporter/prometheus/worker.ts'),
  'otelcol.processor.attributes': () => import('./otelcol/processor/attributes/worker.ts'),
  'otelcol.processor.batch': () => import('./otelcol/processor/batch/worker.ts'),
  'otelcol.processor.cumulativetodelta': () => import('./otelcol/processor/cumulativetodelta/worker.ts'),
  'otelcol.processor.deltatocumulative': () => import('./otelcol/processor/deltatocumulative/worker.ts'),
  'otelcol.processor.filter': () => import('./otelcol/processor/filter/worker.ts'),
  'otelcol.processor.groupbyattrs': () => import('./otelcol/processor/groupbyattrs/worker.ts'),
  'otelcol.processor.groupbytrace': () => import('./otelcol/processor/groupbytrace/worker.ts'),
  'otelcol.processor.interval': () => import('./otelcol/processor/interval/worker.ts'),
  'otelcol.processor.redaction': () => import('./otelcol/processor/redaction/worker.ts'),
  'otelcol.processor.span': () => import('./otelcol/processor/span/worker.ts'),
  'otelcol.processor.resourcedetection': () => import('./otelcol/processor/resourcedetection/worker.ts'),
  'otelcol.processor.transform': () => import('./otelcol/processor/transform/worker.ts'),
  'otelcol.processor.memory_limiter': () => import('./otelcol/processor/memory_limiter/worker.ts'),
  'otelcol.processor.probabilistic_sampler': () => import('./otelcol/processor/probabilistic_sampler/worker.ts'),
  'otelcol.receiver.loki': () => import('./otelcol/receiver/loki/worker.ts'),
  'otelcol.receiver.prometheus': () => import('./otelcol/receiver/prometheus/worker.ts'),
  'prometheus.echo': () => import('./prometheus/echo/worker.ts'),
  'prometheus.relabel': () => import('./prometheus/relabel/worker.ts'),
  'prometheus.remote_write': () => import('./prometheus/remote_write/worker.ts'),
};

export function loadWorkerPart(component: string): ReturnType<Load> {
  const load = WORKER_PARTS[component];
  if (load === undefined) throw new MillraceError('no_worker_part', `${component} has no part that runs in a worker`);
  return load();
}

export const WORKER_COMPONENTS: readonly string[] = Object.keys(WORKER_PARTS);
