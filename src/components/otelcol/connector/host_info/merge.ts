/** otelcol.connector.host_info on the main thread: the hosts of all workers, each once. */
import { seriesMerge } from '#components/kit/series/merge.ts';
import { seriesPlan } from './plan.ts';

export const create = seriesMerge(seriesPlan);
