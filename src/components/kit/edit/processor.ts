/**
 * A component that edits what passes through it and holds nothing: the worker part that its `worker.ts` makes out of edits.
 *
 *     export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
 *       return editingPart('filter', (a, { log }) => editsOf(a, log), args, ctx);
 *     }
 *
 * The next component's answer is the component's own. What comes out lies in memory that is reused, so the next component is given a
 * borrowed batch; what nobody edited is handed on as it came.
 */
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { keep, type Batch, type Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { itemCounters, processorName, type ItemCounters } from '#components/kit/processor-counters.ts';
import { EvaluationError } from '#ottl/error.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import type { Meter } from '#shared/meter.ts';
import { isAccepted, isRefused, Outcome } from '#shared/outcome.ts';
import { SIGNALS, SIGNAL_NAMES, type Flow, type Signal } from '#shared/signal.ts';
import { BatchEditor, type Edits } from './batch-editor.ts';

/** What the component does to batches, made of its arguments. */
export interface Editing {
  /** By signal: each run sees what the one before has made. None: batches of the signal pass as they are. */
  readonly runs: readonly (readonly Edits[])[];
  /** Before the first run of a batch. `t` has its messages in no place yet. */
  begin?(batch: Batch, t: Telemetry): void;
  /** The next component has taken what came out of a batch, or nothing came out: `dropped` items fewer than went in. */
  done?(signal: Signal, dropped: number): void;
  /** An expression failed, and nothing of the batch goes on. It is rejected. */
  failed?(error: EvaluationError, items: number): void;
}

/** What the edits of a component may use, for as long as the part lives. */
export interface EditingTools {
  readonly log: LimitedLog;
  readonly meter: Meter;
}

export type MakeEditing<A> = (args: A, tools: EditingTools) => Editing;

/** `type`: as in the component's id, the Collector's name for it. */
export function editingPart<A>(type: string, make: MakeEditing<A>, args: A, ctx: WorkerContext): WorkerPart<A> {
  return new EditingPart(type, make, args, ctx);
}

/** A batch that was made here: its bytes move when it has to outlive the run. */
interface Made extends Batch {
  bytes: Buffer;
  owned: boolean;
}

class EditingPart<A> implements WorkerPart<A> {
  readonly input: Consumer<Flow> = {
    consume: (batch) => (this.#stopped ? Outcome.stopping : this.#consume(batch as Batch)),
  };
  readonly #ctx: WorkerContext;
  readonly #make: MakeEditing<A>;
  readonly #tools: EditingTools;
  readonly #editor = new BatchEditor();
  /** By signal. */
  readonly #counts: readonly ItemCounters[];
  /** What was made of batches that somebody holds and will offer again: who has taken it already knows it by its identity. */
  readonly #refused = new WeakMap<Batch, Made>();
  #editing: Editing;
  #stopped = false;

  constructor(type: string, make: MakeEditing<A>, args: A, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#make = make;
    this.#tools = { log: new LimitedLog(ctx.log, ctx.clock), meter: ctx.meter };
    this.#editing = make(args, this.#tools);
    this.#counts = SIGNALS.map((signal) => itemCounters(ctx.meter, processorName(ctx.id, type), signal));
  }

  start(): void {
    this.#stopped = false;
  }

  update(args: A): void {
    this.#editing = this.#make(args, this.#tools);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#tools.log.flush();
  }

  #consume(batch: Batch): Outcome | Promise<Outcome> {
    const made = this.#refused.get(batch) ?? this.#edited(batch);
    if (typeof made === 'number') return made;
    const outcome = this.#ctx.next[SIGNAL_NAMES[batch.signal]].consume(made);
    if (typeof outcome === 'number') return this.#settled(batch, made, outcome);
    if (batch.owned) own(made);
    return outcome.then((later) => this.#settled(batch, made, later));
  }

  #edited(batch: Batch): Made | Outcome {
    const { signal, metadata } = batch;
    const runs = this.#editing.runs[signal];
    if (runs.length === 0) return batch;
    const editor = this.#editor;
    let { bytes, items } = batch;
    editor.t.nowMs = this.#ctx.clock.now();
    this.#editing.begin?.(batch, editor.t);
    try {
      for (const edits of runs) {
        const result = editor.run(signal, bytes, items, edits);
        if (result === null) return this.#nothingLeft(batch);
        bytes = result;
        ({ items } = editor);
      }
    } catch (thrown) {
      if (thrown instanceof ProtobufError) {
        this.#tools.log.event('warn', 'a batch cannot be edited, and is rejected', batch.items, {
          error: thrown.message,
        });
        return Outcome.malformed;
      }
      if (!(thrown instanceof EvaluationError)) throw thrown;
      this.#editing.failed?.(thrown, batch.items);
      return Outcome.expression;
    }
    return bytes === batch.bytes ? batch : { signal, bytes, items, metadata, owned: false };
  }

  #nothingLeft({ signal, items }: Batch): Outcome {
    this.#counts[signal].incoming.add(items);
    this.#editing.done?.(signal, items);
    return Outcome.accepted;
  }

  #settled(batch: Batch, made: Made, outcome: Outcome): Outcome {
    const { signal } = batch;
    if (isAccepted(outcome)) {
      this.#counts[signal].incoming.add(batch.items);
      this.#counts[signal].outgoing.add(made.items);
      this.#editing.done?.(signal, batch.items - made.items);
      if (made !== batch) batch.release?.();
    } else if (isRefused(outcome) && batch.owned && made !== batch) {
      own(made);
      this.#refused.set(batch, made);
    }
    return outcome;
  }
}

/** Moves the bytes out of memory that is used again. The batch stays the same one. */
function own(made: Made): void {
  if (made.owned) return;
  made.bytes = keep(made).bytes;
  made.owned = true;
}
