/** The components that have a part in the workers, by name. Loaded on first use, so that a worker holds only what its plan names. */
import { MillraceError } from '#shared/errors.ts';
import type { CreateWorkerPart } from './kit/component.ts';

type Load = () => Promise<{ readonly create: CreateWorkerPart<never> }>;

const WORKER_PARTS: Readonly<Record<string, Load>> = {
  'otelcol.connector.count': () => import('./otelcol/connector/count/worker.ts'),
  'otelcol.connector.signaltometrics': () => import('./otelcol/connector/signaltometrics/worker.ts'),
  'otelcol.exporter.debug': () => import('./otelcol/exporter/debug/worker.ts'),
  'otelcol.exporter.otlp': () => import('./otelcol/exporter/otlp/worker.ts'),
  'otelcol.exporter.otlphttp': () => import('./otelcol/exporter/otlphttp/worker.ts'),
  'otelcol.processor.batch': () => import('./otelcol/processor/batch/worker.ts'),
};

export function loadWorkerPart(component: string): ReturnType<Load> {
  const load = WORKER_PARTS[component];
  if (load === undefined) throw new MillraceError('no_worker_part', `${component} has no part that runs in a worker`);
  return load();
}

export const WORKER_COMPONENTS: readonly string[] = Object.keys(WORKER_PARTS);
