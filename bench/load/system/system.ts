/** What every system under test offers, however it is started. */
import type { Compression, Protocol } from '../messages.ts';

/** The two that are always there; a peer goes by the name that its user gave it. */
export type SystemName = string;
export const MILLRACE = 'millrace';
export const NAIVE = 'naive';
/** millrace without connectors and processors that edit: what those add is the difference to it. */
export const PLAIN = 'plain';

/** The exporter's queue, in millrace and, where its configuration is ours, in a peer. */
export interface ExportQueue {
  readonly sizer: 'requests' | 'items';
  readonly size: number;
  /** A full queue makes its sender wait instead of refusing. */
  readonly block: boolean;
}

/** `attributes`: five inserts. `transform`: three statements. `filter`: one condition, which nothing meets. */
export type EditName = 'none' | 'attributes' | 'transform' | 'filter';

export interface SystemSettings {
  readonly protocol: Protocol;
  /** Of exports. */
  readonly compressionOut: Compression;
  readonly sinkPort: number;
  readonly queue: ExportQueue;
  readonly derive: boolean;
  readonly edit: EditName;
  /** Of millrace. */
  readonly workers: number;
  /** millrace as built in `dist/`, not from source. */
  readonly built: boolean;
  /** Flags of Node for millrace. */
  readonly nodeFlags: readonly string[];
}

/** Where the spans are that a system has answered for, by its own count. */
export interface SpanBalance {
  readonly accepted: number;
  readonly refused: number;
  /** The destination took them. */
  readonly exported: number;
  readonly held: number;
  readonly dropped: Readonly<Record<string, number>>;
}

export interface System extends AsyncDisposable {
  readonly pid: number;
  /** Where it takes OTLP of the protocol asked for. */
  readonly port: number;
  /** null if it does not tell. */
  balance(): Promise<SpanBalance | null>;
  /** Goes over to the `nth` of several configurations and resolves when that is done; null if it cannot. */
  readonly reload: ((nth: number) => Promise<void>) | null;
  /** SIGTERM; what it accepted has left when it has ended. Says what was wrong with its end, null if nothing. */
  drain(): Promise<string | null>;
  /** What it wrote on stderr, for messages. */
  stderr(): string;
}

/** Same figures as Alloy's defaults of `otelcol.processor.batch`, written out for systems with other ones. */
export const BATCH = { spans: 2000, maxSpans: 3000, timeoutMs: 200 } as const;
/** Retries until the destination is back, however long that takes. */
export const RETRY = { initialMs: 500, maxMs: 5000 } as const;
