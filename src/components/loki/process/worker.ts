/** loki.process in a worker: each line runs through the stages, and goes on in the order in which it came. */
import { isDeepStrictEqual } from 'node:util';
import type { Label } from '#codec/loki/labels.ts';
import { sortedLabels } from '#codec/loki/labels.ts';
import { readLine, StreamReader, StreamWriter } from '#codec/loki/streams.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { Remade } from '#components/kit/remade.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Counter } from '#shared/meter.ts';
import { LOKI, type Flow } from '#shared/signal.ts';
import type { Args } from './schema.ts';
import type { Stage } from './stages/entry.ts';
import { pipeline, stepsOf } from './stages/pipeline.ts';

type Lines = Batch<typeof LOKI>;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new Process(args, ctx);
}

class Process implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch as Lines) };
  readonly #ctx: WorkerContext;
  readonly #remade = new Remade<typeof LOKI, typeof LOKI>();
  readonly #reader = new StreamReader();
  readonly #writer = new StreamWriter();
  #args: Args;
  #stage: Stage;
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#args = args;
    this.#stage = this.#made(args);
  }

  start(): void {}

  /** Stages that stay what they are keep what they remember. */
  update(args: Args): void {
    if (!isDeepStrictEqual(stepsOf(args), stepsOf(this.#args))) this.#stage = this.#made(args);
    this.#args = args;
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  #made(args: Args): Stage {
    const { clock, meter } = this.#ctx;
    const dropped = (reason: string): Counter =>
      meter.counter(
        {
          name: 'loki_process_dropped_lines_total',
          help: 'A count of all log lines dropped as a result of a pipeline stage',
        },
        { reason },
      );
    return pipeline(stepsOf(args), { clock, dropped });
  }

  #consume(batch: Lines): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    if (stepsOf(this.#args).length === 0) return this.#ctx.next.loki.consume(batch);
    return this.#remade.pass(batch, this.#ctx.next.loki, () => this.#processed(batch));
  }

  #processed(batch: Lines): Lines | Outcome {
    try {
      this.#run(batch.bytes);
    } catch (error) {
      this.#writer.finish();
      if (error instanceof ProtobufError) return Outcome.malformed;
      throw error;
    }
    const { items } = this.#writer;
    const bytes = this.#writer.finish();
    if (items === 0) return Outcome.accepted;
    return { signal: LOKI, bytes, items, metadata: batch.metadata, owned: true };
  }

  #run(bytes: Buffer): void {
    const reader = this.#reader.reset(bytes);
    while (reader.next()) {
      const labels = reader.labels();
      let before: readonly Label[] | null = null;
      while (reader.nextEntry()) {
        const { timeNs, line, metadata } = readLine(reader.buf, reader.start, reader.stop);
        const entry = {
          labels: new Map(labels),
          extracted: new Map(labels),
          timeNs,
          line,
          metadata: [...metadata],
        };
        if (!this.#stage(entry)) continue;
        const after = sortedLabels(entry.labels);
        // Lines of one stream stay together while their labels are the same.
        if (before === null || !isSame(before, after)) this.#writer.stream(after);
        before = after;
        this.#writer.entry(entry);
      }
    }
  }
}

function isSame(a: readonly Label[], b: readonly Label[]): boolean {
  return a.length === b.length && a.every(([name, value], i) => name === b[i][0] && value === b[i][1]);
}
