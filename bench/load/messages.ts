/**
 * What the benchmark's main process asks its generator and its sink (over the IPC channel of `child_process.fork`), and what
 * they answer. A question has one answer; answers come in the order of the questions.
 */
import type { Accepted } from './sink/arrivals.ts';
import type { Verdict } from './sink/ledger.ts';

export type Protocol = 'grpc' | 'http';
export type Compression = 'none' | 'gzip' | 'zstd';

export interface SinkBehaviour {
  /** False: nobody listens, and open connections are cut. */
  readonly open: boolean;
  /** Answers are held back so that no more spans than this are taken in a second; 0 = no limit. */
  readonly spansPerSecond: number;
  /** Each answer waits at least so long. */
  readonly delayMs: number;
}

export interface SinkSettings {
  readonly workloadFile: string;
  /** How many send numbers there are if requests are repeated; 0 if each has its own. */
  readonly repeatedNumbers: number;
}

export type SinkQuestion =
  | { readonly ask: 'received' }
  | { readonly ask: 'behave'; readonly behaviour: SinkBehaviour }
  | { readonly ask: 'verdict'; readonly accepted: Accepted };

export interface SinkAnswers {
  /** Spans so far. */
  readonly received: { readonly received: number };
  readonly behave: { readonly behaving: true };
  readonly verdict: {
    readonly verdict: Verdict;
    /** Why a connection was ended, if one was: malformed data or a broken protocol. */
    readonly broken: string | null;
  };
}

export interface GeneratorSettings {
  readonly workloadFile: string;
  readonly protocol: Protocol;
  readonly compression: Compression;
  readonly port: number;
  /** Most requests in flight at any time. */
  readonly inFlight: number;
  readonly connections: number;
}

/** What is sent from now on. */
export interface Load {
  readonly inFlight: number;
  /**
   * 0: closed loop, a request leaves when another is answered. Else spans per second, open loop: requests leave when they are
   * due, whatever became of the others, as long as not more than `inFlight` are under way.
   */
  readonly rate: number;
}

export type GeneratorQuestion =
  /** Begins to send, or changes what is sent. */
  | { readonly ask: 'load'; readonly load: Load }
  /** Begins a window of measurement. */
  | { readonly ask: 'open' }
  /** What happened since the last `slice` or `open`. */
  | { readonly ask: 'slice' }
  /** Ends the window. */
  | { readonly ask: 'close' }
  /** Sends nothing more; the answer comes when every request has been answered or given up. */
  | { readonly ask: 'stop' };

export interface GeneratorAnswers {
  readonly load: { readonly loaded: true };
  readonly open: { readonly opened: true };
  readonly slice: { readonly slice: LoadWindow };
  readonly close: { readonly window: LoadWindow };
  readonly stop: { readonly totals: Totals; readonly accepted: Accepted };
}

export interface Totals {
  /** Requests that left. */
  readonly sent: number;
  readonly accepted: number;
  /** Answered with a status other than success. */
  readonly refused: number;
  /** Of the refused, those that did not tell the sender to try again. */
  readonly notRetryable: number;
  /** Not answered: the connection broke. */
  readonly failed: number;
  /** Due in an open loop and never sent, because too many others were under way for too long. */
  readonly unsent: number;
  /** The first refusal or failure in words. */
  readonly firstTrouble: string | null;
}

/** Requests and latencies of a stretch of time, by when the answer came. */
export interface LoadWindow extends Omit<Totals, 'firstTrouble'> {
  /**
   * Of accepted requests. In a closed loop from sending to the answer, in an open loop from when the request was due: a system
   * that stalls is charged for every request that had to wait.
   */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}
