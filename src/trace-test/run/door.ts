/**
 * The way into the pipelines without rings: a request is checked and cut among them as `shard/admission` does it, and each is handed
 * its part as a lane does: in memory that is only lent.
 */
import { ItemIndex } from '#codec/otlp/item-index.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { ShardPlan } from '#codec/otlp/shard.ts';
import type { ReceiverEntry } from '#components/kit/component.ts';
import { Gate } from '#shared/gate.ts';
import type { Metadata } from '#shared/metadata.ts';
import { join, Outcome } from '#shared/outcome.ts';
import type { PlanEntry } from '#shared/plan.ts';
import { SIGNAL_NAMES, type Signal } from '#shared/signal.ts';
import type { Pipeline } from '#workers/pipeline/pipeline.ts';

/** What lent memory holds once it has been given back: whoever has kept it by mistake sees no data any more. */
const GIVEN_BACK = 0xff;

export class Door {
  readonly #pipelines: readonly Pick<Pipeline, 'entry'>[];
  readonly #index = new ItemIndex();
  readonly #shards = new ShardPlan();
  entries: readonly PlanEntry[] = [];

  constructor(pipelines: readonly Pick<Pipeline, 'entry'>[]) {
    this.#pipelines = pipelines;
  }

  entry(id: string): ReceiverEntry {
    const find = (): PlanEntry | undefined => this.entries.find((entry) => entry.id === id);
    return {
      admit: (signal) => refusalOf(find()?.gates?.[SIGNAL_NAMES[signal]] ?? []),
      has: (signal) => (find()?.next[SIGNAL_NAMES[signal]].length ?? 0) > 0,
      offer: (signal, bytes, metadata, done) => {
        const entry = find();
        if (entry === undefined) return done(Outcome.notReady, 0);
        const items = scan(signal, bytes, 0, bytes.length, this.#index);
        if (items < 0) return done(Outcome.malformed, 0, scanError());
        if (items === 0) return done(Outcome.accepted, 0);
        void this.#handOut(entry.index, signal, bytes, metadata).then((outcome) => done(outcome, items));
      },
    };
  }

  async #handOut(entry: number, signal: Signal, bytes: Buffer, metadata: Metadata | null): Promise<Outcome> {
    const shards = this.#shards;
    shards.build(this.#index, this.#pipelines.length);
    // All parts first: what a pipeline sets off may come through this door again.
    const parts = this.#pipelines.map((_, k) => {
      const lent = Buffer.alloc(shards.size(k));
      shards.write(k, bytes, lent, 0);
      return { lent, items: shards.items(k) };
    });
    const outcomes = parts.map(({ lent, items }, k) => {
      if (items === 0) return Outcome.accepted;
      const consumer = this.#pipelines[k].entry(entry, signal);
      if (consumer === undefined) return Outcome.noConsumer;
      const outcome = consumer.consume({ signal, bytes: lent, items, metadata, owned: false });
      lent.fill(GIVEN_BACK);
      return outcome;
    });
    return (await Promise.all(outcomes)).reduce(join, Outcome.accepted);
  }
}

/** Where one gate is open there is a way through. */
function refusalOf(gates: readonly SharedArrayBuffer[]): Outcome {
  const refusals = gates.map((memory) => new Gate(memory).refusal);
  return refusals.includes(Outcome.accepted) ? Outcome.accepted : (refusals[0] ?? Outcome.accepted);
}
