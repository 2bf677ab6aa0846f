/** otelcol.connector.servicegraph on the main thread: the series that all workers count into. */
import { seriesMerge } from '#components/kit/series/merge.ts';
import { seriesPlan } from './plan.ts';
import type { Args } from './schema.ts';

export const create = seriesMerge<Args>(seriesPlan);
