/** otelcol.exporter.debug in a worker: samples, makes text, prints. Has no queue: what it prints it has sent. */
import { isDeepStrictEqual } from 'node:util';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { sentCounter } from '#components/kit/exporter/instruments.ts';
import type { Counter } from '#shared/meter.ts';
import { Outcome } from '#shared/outcome.ts';
import { SIGNALS } from '#shared/signal.ts';
import { openOutput, type Output } from './output.ts';
import { Sampler } from './sampler.ts';
import type { Args } from './schema.ts';
import { summarize, type Summary } from './text/counts.ts';
import { detailedLines } from './text/detailed.ts';
import { normalLines } from './text/normal.ts';

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new DebugExporter(args, ctx);
}

class DebugExporter implements WorkerPart<Args> {
  readonly input: Consumer = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  /** By signal. */
  readonly #sent: readonly Counter[];
  #samplers: readonly Sampler[];
  #args: Args;
  #outputs: readonly Output[] = [];
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#args = args;
    this.#ctx = ctx;
    this.#samplers = samplers(args, ctx);
    this.#sent = SIGNALS.map((signal) => sentCounter(ctx.meter, `debug/${ctx.id}`, signal));
  }

  /** Rejects with a MillraceError when a file cannot be opened. */
  async start(): Promise<void> {
    this.#outputs = await this.#open(this.#args);
  }

  async update(args: Args): Promise<void> {
    const moved =
      args.use_internal_logger !== this.#args.use_internal_logger ||
      !isDeepStrictEqual(args.output_paths, this.#args.output_paths);
    const old = this.#outputs;
    if (moved) this.#outputs = await this.#open(args);
    this.#args = args;
    this.#samplers = samplers(args, this.#ctx);
    if (moved) await Promise.all(old.map((output) => output.close()));
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    await new Promise<void>((resolve) => {
      const cancel = this.#ctx.clock.after(deadlineMs, resolve);
      void Promise.all(this.#outputs.map((output) => output.close())).then(() => {
        cancel();
        resolve();
      });
    });
  }

  #consume(batch: Batch): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    this.#sent[batch.signal]?.add(batch.items);
    if (this.#samplers[batch.signal]?.pass() !== true) return Outcome.accepted;
    const wait = this.#print(batch);
    return wait === null ? Outcome.accepted : wait.then(() => Outcome.accepted);
  }

  /** A promise when the output is slower than the data: whoever sends waits with it. */
  #print(batch: Batch): Promise<unknown> | null {
    const summary = summarize(batch);
    const { verbosity } = this.#args;
    const lines =
      verbosity === 'basic' ? [] : (verbosity === 'normal' ? normalLines : detailedLines)(batch.signal, batch.bytes);
    if (this.#args.use_internal_logger) {
      this.#ctx.log.info(summary.title, fieldsOf(summary));
      if (lines.length > 0) this.#ctx.log.info(lines.join('\n'));
      return null;
    }
    const text = [titleLine(summary), ...lines, ''].join('\n');
    const waits = this.#outputs.map((output) => output.write(text)).filter((wait) => wait !== null);
    return waits.length === 0 ? null : Promise.all(waits);
  }

  #open(args: Args): Promise<readonly Output[]> {
    if (args.use_internal_logger) return Promise.resolve([]);
    return Promise.all(
      args.output_paths.map((path) => openOutput(path, this.#ctx.id, (error) => this.#failed(path, error))),
    );
  }

  #failed(path: string, error: Error): void {
    this.#ctx.log.error('cannot print any more', { path, error: error.message });
    this.#ctx.health('unhealthy', `cannot print to ${path}: ${error.message}`);
  }
}

function samplers(args: Args, ctx: WorkerContext): readonly Sampler[] {
  return SIGNALS.map(() => new Sampler(ctx.clock, args.sampling_initial, args.sampling_thereafter));
}

/** `Traces<tab>{"resource spans": 1, "spans": 2}` */
function titleLine({ title, counts }: Summary): string {
  return `${title}\t{${Object.entries(counts)
    .map(([name, count]) => `"${name}": ${count}`)
    .join(', ')}}`;
}

/** Keys of log lines have no blanks. */
function fieldsOf({ counts }: Summary): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name.replace(' ', '_'), count]));
}
