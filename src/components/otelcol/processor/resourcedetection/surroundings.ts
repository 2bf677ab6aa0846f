/** The real surroundings of detectors: environment, files, network and host of this process. */
import { readWhole } from '#components/kit/watch/read-file.ts';
import type { Clock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import type { Surroundings } from './detectors/detector.ts';
import { thisHost } from './host.ts';
import { NearbyHttp } from './http.ts';

/** Whatever is under way ends with `signal`, for its reason. */
export type Surround = (signal: AbortSignal, clock: Clock, log: Logger) => Surroundings;

export const surroundings: Surround = (signal, clock, log) => ({
  variables: process.env,
  file: textOfFile,
  http: new NearbyHttp(signal),
  host: thisHost(signal),
  pause: (ms) => pause(ms, signal, clock),
  log,
});

async function textOfFile(path: string): Promise<string | null> {
  try {
    return (await readWhole(path)).toString('utf8');
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    const code = (thrown.cause as NodeJS.ErrnoException | undefined)?.code ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw thrown;
  }
}

export function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', end);
      resolve();
    });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
