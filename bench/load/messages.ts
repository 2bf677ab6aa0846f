/**
 * What the benchmark's main process asks its generator and its sink (over the IPC channel of `child_process.fork`), and what
 * they answer. A question has one answer; answers come in the order of the questions.
 */
import type { Verdict } from './ledger.ts';

export type Protocol = 'grpc' | 'http';
export type Compression = 'none' | 'gzip' | 'zstd';

export type SinkQuestion = { readonly ask: 'received' } | { readonly ask: 'verdict'; readonly accepted: Uint32Array };

export interface SinkAnswers {
  readonly received: { readonly received: number };
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
  /** Requests in flight. */
  readonly inFlight: number;
  /** Spans per second to send at most; 0 = as fast as answers come. */
  readonly rate: number;
}

export type GeneratorQuestion =
  | { readonly ask: 'start' }
  /** Begins a window: latencies are recorded from here. */
  | { readonly ask: 'open' }
  /** Ends the window. */
  | { readonly ask: 'close' }
  /** Sends nothing more; the answer comes when every request has been answered or given up. */
  | { readonly ask: 'stop' };

export interface GeneratorAnswers {
  readonly start: { readonly started: true };
  readonly open: { readonly opened: true };
  readonly close: { readonly window: LoadWindow };
  readonly stop: {
    readonly totals: Totals;
    /** How often the request with that send number was accepted. */
    readonly accepted: Uint32Array;
  };
}

export interface LoadWindow {
  readonly acceptedSpans: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Requests over the whole life of the generator. */
export interface Totals {
  readonly accepted: number;
  /** Answered with a status other than success. */
  readonly refused: number;
  /** Not answered: the connection broke. */
  readonly failed: number;
  /** The first refusal or failure in words. */
  readonly firstTrouble: string | null;
}
