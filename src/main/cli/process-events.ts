/** Signals and the launcher's IPC channel as calls. */
import type { ProcessListener } from './host.ts';

export function watchProcess({ onStop, onLauncherGone, onReload }: ProcessListener): () => void {
  const stop = (signal: NodeJS.Signals): void => onStop(signal);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', onReload);
  process.on('disconnect', onLauncherGone);
  // A launcher that died before anybody listened sends no event any more.
  if (process.send !== undefined && !process.connected) queueMicrotask(onLauncherGone);
  return () => {
    process.off('SIGTERM', stop);
    process.off('SIGINT', stop);
    process.off('SIGHUP', onReload);
    process.off('disconnect', onLauncherGone);
  };
}
