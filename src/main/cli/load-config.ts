/** A configuration that shall be looked at and not run. */
import { processEnvironment } from '#config/eval/environment.ts';
import { load, type LoadResult } from '../graph/load.ts';
import { moduleFolder } from '../graph/source.ts';
import type { Host } from './host.ts';
import { readConfig, type ConfigOrigin } from './read-config.ts';
import type { Made } from './run.ts';

/** `warn` as in {@link readConfig}. Rejects with a MillraceError when it cannot be read or converted. */
export async function loadConfig(
  origin: ConfigOrigin,
  made: Pick<Made, 'components' | 'version'>,
  host: Pick<Host, 'env' | 'stdin' | 'clock'>,
  warn: (message: string) => void,
): Promise<LoadResult> {
  return load(await readConfig(origin, made, host, warn), {
    components: made.components,
    stability: origin.stability,
    environment: processEnvironment(made.version),
    clock: host.clock,
    path: moduleFolder(origin.paths[0] ?? ''),
  });
}
