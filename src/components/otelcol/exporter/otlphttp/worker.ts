/** otelcol.exporter.otlphttp in a worker: the kit's exporter around an HTTP sender. */
import { isDeepStrictEqual } from 'node:util';
import type { Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { Exporter, type ExporterSettings } from '#components/kit/exporter/exporter.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { HttpClient } from '#net/client/http.ts';
import type { HttpSettings } from '#net/client/http-dispatcher.ts';
import type { Args } from './schema.ts';
import { OtlpHttpSender } from './sender.ts';
import { httpSettings, routing, type Routing } from './settings.ts';

/** Throws a MillraceError when a URL, a header, the proxy or a TLS file cannot be used. Connects with the first batch. */
export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new OtlpHttpExporter(args, ctx);
}

class OtlpHttpExporter implements WorkerPart<Args> {
  readonly input: Consumer;
  readonly #ctx: WorkerContext;
  readonly #log: LimitedLog;
  readonly #exporter: Exporter;
  #settings: HttpSettings;
  #client: HttpClient;
  /** Clients of earlier settings that still have requests under way. */
  readonly #leaving = new Set<HttpClient>();

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    const routes = routing(args, process.env);
    this.#settings = httpSettings(args, routes);
    this.#client = new HttpClient(this.#settings, ctx.log, ctx.clock);
    this.#exporter = new Exporter(this.#kitSettings(args, routes), ctx, `otlphttp/${ctx.id}`);
    this.input = this.#exporter.input;
  }

  start(): void {}

  /** Connections stay unless their settings changed; requests under way finish on the old ones. */
  update(args: Args): void {
    const routes = routing(args, process.env);
    const settings = httpSettings(args, routes);
    if (!isDeepStrictEqual(settings, this.#settings)) {
      const old = this.#client;
      this.#client = new HttpClient(settings, this.#ctx.log, this.#ctx.clock);
      this.#settings = settings;
      this.#leaving.add(old);
      void old.close().then(() => this.#leaving.delete(old));
    }
    this.#exporter.update(this.#kitSettings(args, routes));
  }

  async stop(deadlineMs: number, removed?: boolean): Promise<void> {
    await this.#exporter.stop(deadlineMs, removed);
    await Promise.all([this.#client, ...this.#leaving].map((client) => client.destroy()));
    this.#log.flush();
  }

  #kitSettings(args: Args, routes: Routing): ExporterSettings {
    const sender = new OtlpHttpSender(this.#client, args, routes, this.#log, this.#ctx.clock);
    return { queue: args.sending_queue, retry: args.retry_on_failure, sender };
  }
}
