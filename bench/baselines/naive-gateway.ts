/** The middle of the naive gateway, the same for both protocols: decode, collect, encode, export. */
import type { Type } from 'protobufjs';
import { errorText } from '#shared/errors.ts';
import { messageType } from '#test/support/otlp-proto.ts';
import type { NaiveMetrics, ResourceSpans } from './naive-metrics.ts';

/** Alloy's defaults of otelcol.processor.batch, so that both systems send batches of the same size. */
const BATCH_SPANS = 2000;
const BATCH_TIMEOUT_MS = 200;
/** Exports in flight before senders have to wait: the bound of this program's memory. */
const MAX_EXPORTS = 10;

/** What the servers of the two variants need from the middle. */
export interface Gateway {
  /** Takes one request's bytes; settles when its spans are in the batch. Rejects if they cannot be decoded. */
  take(request: Uint8Array): Promise<void>;
}

/** What the two variants offer. */
export interface Variant {
  readonly port: number;
  /** Stops accepting; settles when every request has been answered. */
  stop(): Promise<void>;
  export(request: Uint8Array): Promise<void>;
  close(): void;
}

export class NaiveGateway implements Gateway {
  readonly #request: Type = messageType('ExportTraceServiceRequest');
  #export: (request: Uint8Array) => Promise<void> = () => Promise.resolve();
  #batch: ResourceSpans[] = [];
  #spans = 0;
  #timer: NodeJS.Timeout | null = null;
  readonly #exports = new Set<Promise<void>>();
  failures = 0;
  readonly #metrics: NaiveMetrics | null;

  constructor(metrics: NaiveMetrics | null = null) {
    this.#metrics = metrics;
  }

  /** Where batches go. */
  connect(exporter: (request: Uint8Array) => Promise<void>): void {
    this.#export = exporter;
  }

  async take(request: Uint8Array): Promise<void> {
    while (this.#exports.size >= MAX_EXPORTS) await Promise.race(this.#exports);
    const { resourceSpans } = this.#request.decode(request) as unknown as { resourceSpans: ResourceSpans[] };
    for (const resource of resourceSpans) {
      for (const scope of resource.scopeSpans) this.#spans += scope.spans.length;
      this.#metrics?.count(resource);
      this.#batch.push(resource);
    }
    if (this.#spans >= BATCH_SPANS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), BATCH_TIMEOUT_MS);
  }

  async drain(): Promise<void> {
    this.#flush();
    await Promise.all(this.#exports);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#spans === 0) return;
    const request = this.#request.encode({ resourceSpans: this.#batch }).finish();
    this.#batch = [];
    this.#spans = 0;
    const done = this.#export(request).catch((failure: unknown) => {
      this.failures++;
      process.stderr.write(`export failed: ${errorText(failure)}\n`);
    });
    this.#exports.add(done);
    void done.then(() => this.#exports.delete(done));
  }
}
