/** prometheus.echo in a worker: what it prints it has taken. */
import { expositionText, type ExpositionFormat } from '#codec/prometheus/exposition.ts';
import { FamilyTypes } from '#codec/prometheus/family-types.ts';
import { readWriteRequest } from '#codec/prometheus/read.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import type { Logger } from '#shared/log.ts';
import { Outcome } from '#shared/outcome.ts';
import { PROMETHEUS, type Flow } from '#shared/signal.ts';
import type { Args } from './schema.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new Echo(args, ctx.log);
}

class Echo implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #log: Logger;
  readonly #types = new FamilyTypes();
  #format: ExpositionFormat;
  #stopped = false;

  constructor(args: Args, log: Logger) {
    this.#log = log;
    this.#format = formatOf(args, log);
  }

  start(): void {}

  update(args: Args): void {
    this.#format = formatOf(args, this.#log);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  #consume(batch: Batch<Flow>): Outcome {
    if (this.#stopped) return Outcome.stopping;
    if (batch.signal !== PROMETHEUS) return Outcome.noConsumer;
    try {
      const request = readWriteRequest(batch.bytes);
      this.#types.learn(request);
      this.#log.info('received metrics', { metrics: expositionText(request, this.#types, this.#format) });
      return Outcome.accepted;
    } catch (thrown) {
      if (thrown instanceof ProtobufError) return Outcome.malformed;
      throw thrown;
    }
  }
}

function formatOf({ format }: Args, log: Logger): ExpositionFormat {
  if (format === 'openmetrics') return format;
  if (format !== 'text' && format !== '') log.warn('unknown format, using text', { format });
  return 'text';
}
