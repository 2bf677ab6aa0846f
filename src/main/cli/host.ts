/** What commands get of the process they run in, so that tests can give them something else. */
import type { Clock } from '#shared/clock.ts';
import type { LogWriter } from '#shared/log-writer.ts';

export interface Host {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Standard output is a terminal that shows colours. */
  readonly coloured: boolean;
  /** All of standard input. Rejects with a MillraceError when it is too much. */
  readonly stdin: () => Promise<Buffer>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: LogWriter;
  /** Bounds the V8 heap of each thread that is started from now on, in bytes. */
  readonly limitHeaps: (bytes: number) => void;
  /** Passes on what the process is told from outside. Returns the function that ends it. */
  readonly watch: (listener: ProcessListener) => () => void;
}

export interface ProcessListener {
  /** SIGTERM or SIGINT. */
  readonly onStop: (signal: string) => void;
  /** The launcher that started the process over an IPC channel is gone. */
  readonly onLauncherGone: () => void;
  /** SIGHUP. */
  readonly onReload: () => void;
}

/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
