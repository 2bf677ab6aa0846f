/** The worker part of a connector that is a plan and a list of derivations. */
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import { SeriesTable } from '#components/kit/series/table.ts';
import type { ErrorMode } from '#ottl/expression.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Flow, Signal } from '#shared/signal.ts';
import { Deriver, type Derivation } from './deriver.ts';
import { notCounted, type NotCounted } from './instruments.ts';

export interface Derived<A> {
  readonly plan: (args: A) => SeriesPlan;
  readonly derivations: (args: A, notCounted: NotCounted) => readonly Derivation[];
  readonly mode: (args: A) => ErrorMode;
}

export function derivingPart<A>(derived: Derived<A>, args: A, ctx: WorkerContext): WorkerPart<A> {
  return new DerivingPart(derived, args, ctx);
}

class DerivingPart<A> implements WorkerPart<A> {
  readonly input: Consumer<Flow>;
  readonly #derived: Derived<A>;
  readonly #notCounted: NotCounted;
  readonly #log: LimitedLog;
  readonly #table: SeriesTable;
  #deriver: Deriver;
  #stopped = false;

  constructor(derived: Derived<A>, args: A, ctx: WorkerContext) {
    this.#derived = derived;
    this.#notCounted = notCounted(ctx.meter);
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#table = new SeriesTable(derived.plan(args), ctx);
    this.#deriver = this.#make(args);
    this.input = {
      observes: true,
      consume: (batch) =>
        this.#stopped ? Outcome.stopping : this.#deriver.consume(batch as Batch<Signal>, ctx.clock.now()),
    };
  }

  start(): void {
    this.#stopped = false;
  }

  update(args: A): void {
    this.#table.update(this.#derived.plan(args));
    this.#deriver = this.#make(args);
  }

  harvest(): Uint8Array<ArrayBuffer> | null {
    return this.#table.harvest();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#log.flush();
  }

  #make(args: A): Deriver {
    return new Deriver(this.#derived.derivations(args, this.#notCounted), this.#derived.mode(args), {
      table: this.#table,
      log: this.#log,
      notCounted: this.#notCounted,
    });
  }
}
