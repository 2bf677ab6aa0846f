/**
 * The components that have a main part, by name, for ingest threads, which load it without the rest of the component. Loaded on
 * first use.
 */
import { MillraceError } from '#shared/errors.ts';
import type { CreateMainPart } from './kit/component.ts';

type Load = () => Promise<{ readonly create: CreateMainPart<never> }>;

const MAIN_PARTS: Readonly<Record<string, Load>> = {
  'otelcol.receiver.otlp': () => import('./otelcol/receiver/otlp/main.ts'),
};

export function loadMainPart(component: string): ReturnType<Load> {
  const load = MAIN_PARTS[component];
  if (load === undefined)
    throw new MillraceError('no_main_part', `${component} has no part that runs in an ingest thread`);
  return load();
}

export const INGEST_COMPONENTS: readonly string[] = Object.keys(MAIN_PARTS);
