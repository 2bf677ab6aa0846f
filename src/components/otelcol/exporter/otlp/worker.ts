/** otelcol.exporter.otlp in a worker: the kit's exporter around a gRPC sender. */
import { isDeepStrictEqual } from 'node:util';
import type { Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { Exporter, type ExporterSettings } from '#components/kit/exporter/exporter.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { GrpcClient, type GrpcSettings } from '#net/client/grpc.ts';
import type { Args } from './schema.ts';
import { OtlpGrpcSender } from './sender.ts';
import { grpcSettings } from './settings.ts';

/** Throws a MillraceError when the endpoint, a header or a TLS file cannot be used. Connects with the first batch. */
export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new OtlpExporter(args, ctx);
}

class OtlpExporter implements WorkerPart<Args> {
  readonly input: Consumer;
  readonly #ctx: WorkerContext;
  readonly #log: LimitedLog;
  readonly #exporter: Exporter;
  #settings: GrpcSettings;
  #client: GrpcClient;
  /** Clients of earlier settings that still have requests under way. */
  readonly #leaving = new Set<GrpcClient>();

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#settings = grpcSettings(args, process.env);
    this.#client = new GrpcClient(this.#settings, ctx.log, ctx.clock);
    this.#exporter = new Exporter(this.#kitSettings(args), ctx, `otlp/${ctx.id}`);
    this.input = this.#exporter.input;
  }

  start(): void {}

  /** Connections stay unless their settings changed; requests under way finish on the old ones. */
  update(args: Args): void {
    const settings = grpcSettings(args, process.env);
    if (!isDeepStrictEqual(settings, this.#settings)) {
      const old = this.#client;
      this.#client = new GrpcClient(settings, this.#ctx.log, this.#ctx.clock);
      this.#settings = settings;
      this.#leaving.add(old);
      void old.close().then(() => this.#leaving.delete(old));
    }
    this.#exporter.update(this.#kitSettings(args));
  }

  async stop(deadlineMs: number, removed?: boolean): Promise<void> {
    await this.#exporter.stop(deadlineMs, removed);
    await Promise.all([this.#client, ...this.#leaving].map((client) => client.destroy()));
    this.#log.flush();
  }

  #kitSettings(args: Args): ExporterSettings {
    return {
      queue: args.sending_queue,
      retry: args.retry_on_failure,
      sender: new OtlpGrpcSender(this.#client, args.timeout, this.#log),
    };
  }
}
