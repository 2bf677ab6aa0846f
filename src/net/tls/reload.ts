/**
 * Looks at TLS files every `intervalMs` and hands on what changed. A load that fails keeps the old material in use and is
 * logged once, until a load succeeds again.
 */
import type { Clock } from '#shared/clock.ts';
import { errorText } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import type { Loaded } from './load.ts';

export interface TlsReload {
  /** Ends the reloading; calling it twice is harmless. */
  stop(): void;
}

const NEVER: TlsReload = { stop() {} };

/** Begins to reload. `first` is what is in use now; `apply` gets each later load that differs from the one before. */
export function reloadTls<O>(
  first: Loaded<O>,
  load: () => Loaded<O>,
  apply: (options: O) => void,
  intervalMs: number,
  clock: Clock,
  log: Logger,
): TlsReload {
  if (intervalMs <= 0) return NEVER;
  let digest = first.digest;
  let failing = false;
  let cancel = clock.after(intervalMs, look);
  return { stop: () => cancel() };

  function look(): void {
    try {
      const loaded = load();
      if (loaded.digest !== digest) {
        apply(loaded.options);
        digest = loaded.digest;
        log.info('reloaded TLS certificates');
      }
      failing = false;
    } catch (error) {
      if (!failing)
        log.error('could not reload TLS certificates; the present ones stay in use', { err: errorText(error) });
      failing = true;
    }
    cancel = clock.after(intervalMs, look);
  }
}
