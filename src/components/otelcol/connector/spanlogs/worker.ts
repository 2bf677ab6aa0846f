/**
 * otelcol.connector.spanlogs in a worker: each batch of spans gives one batch of lines, which is handed on at once; the next
 * component's answer is the answer. Only a result beyond {@link PIECE_BYTES} is handed on in pieces: its first piece decides
 * whether the batch was taken, the others are offered until they are taken, too.
 */
import { keep, type Batch, type Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { droppedCounter } from '#components/kit/exporter/instruments.ts';
import type { Counter } from '#shared/meter.ts';
import { isAccepted, isRejected, Outcome, statusOf } from '#shared/outcome.ts';
import { LOGS, TRACES, type Flow } from '#shared/signal.ts';
import { layoutOf } from './layout.ts';
import type { Args } from './schema.ts';
import { SpanLines } from './span-lines.ts';

/** Most bytes of lines that are made before they are handed on; one line more where it does not fit. */
export const PIECE_BYTES = 3 << 20;
/** Waits between two offers of a refused piece: doubling from the first to the last. */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 250;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new SpanLogs(args, ctx);
}

class SpanLogs implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  readonly #count: { readonly lines: Counter; readonly droppedPairs: Counter };
  readonly #dropped: Readonly<Record<'rejected' | 'shutdown', Counter>>;
  #lines: SpanLines;
  #stopping = false;
  /** A result in pieces that is under way. */
  #pieces: Promise<Outcome> | null = null;
  #gaveUp = false;
  #endWait: (() => void) | null = null;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#lines = new SpanLines(layoutOf(args));
    this.#count = {
      lines: ctx.meter.counter({
        name: 'millrace_connector_spanlogs_lines_total',
        help: 'Lines that the next component has taken.',
      }),
      droppedPairs: ctx.meter.counter({
        name: 'millrace_connector_spanlogs_dropped_pairs_total',
        help: 'Pairs left out of lines because nothing of their key can stand in a line.',
      }),
    };
    this.#dropped = {
      rejected: droppedCounter(ctx.meter, LOGS, 'rejected'),
      shutdown: droppedCounter(ctx.meter, LOGS, 'shutdown'),
    };
  }

  start(): void {
    // Nothing runs by itself.
  }

  /** A result in pieces that is under way goes on under the old arguments. */
  update(args: Args): void {
    this.#lines = new SpanLines(layoutOf(args));
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    const pieces = this.#pieces;
    if (pieces === null) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#ctx.clock.after(deadlineMs, () => {
        // What the next component has not answered for yet is counted by its answer; nothing else is sent.
        this.#gaveUp = true;
        this.#endWait?.();
        resolve();
      });
      void pieces.then(() => {
        cancel();
        resolve();
      });
    });
  }

  #consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    if (this.#stopping) return Outcome.stopping;
    if (batch.signal !== TRACES) return Outcome.noConsumer;
    if (this.#pieces !== null) return Outcome.downstream;
    const lines = this.#lines;
    lines.begin(batch.bytes);
    if (lines.fill(PIECE_BYTES)) {
      this.#pieces = this.#sendPieces(keep(batch), lines).finally(() => (this.#pieces = null));
      return this.#pieces;
    }
    const logs = this.#take(lines, batch);
    lines.release();
    // A batch has items: nothing to log is nothing to send.
    return logs === null ? Outcome.accepted : this.#settled(logs, this.#ctx.next.logs.consume(logs));
  }

  #settled(logs: Batch, outcome: Outcome | Promise<Outcome>): Outcome | Promise<Outcome> {
    if (typeof outcome !== 'number') return outcome.then((later) => this.#settled(logs, later));
    if (isAccepted(outcome)) this.#count.lines.add(logs.items);
    return outcome;
  }

  #take(lines: SpanLines, { metadata }: Batch<Flow>): Batch | null {
    this.#count.droppedPairs.add(lines.takeDroppedPairs());
    if (lines.items === 0) return null;
    return { signal: LOGS, bytes: lines.finish(), items: lines.items, metadata, owned: true };
  }

  async #sendPieces(batch: Batch<Flow>, lines: SpanLines): Promise<Outcome> {
    lines.rebase(batch.bytes);
    let taken = false;
    // The first piece is made already.
    for (let more = true; ; more = lines.fill(PIECE_BYTES)) {
      const piece = this.#take(lines, batch);
      if (piece !== null) {
        const first = !taken;
        const outcome = first
          ? await this.#settled(piece, this.#ctx.next.logs.consume(piece))
          : await this.#insist(piece);
        if (first && !isAccepted(outcome)) {
          lines.release();
          return outcome;
        }
        taken = true;
      }
      if (!more) break;
    }
    lines.release();
    return Outcome.accepted;
  }

  /** Offers a piece until it is taken, or cannot be: its sender has to be told "accepted", for the pieces before it were. */
  async #insist(piece: Batch): Promise<Outcome> {
    for (let waitMs = FIRST_RETRY_MS; !this.#gaveUp; waitMs = Math.min(LAST_RETRY_MS, waitMs * 2)) {
      const outcome = await this.#settled(piece, this.#ctx.next.logs.consume(piece));
      if (isAccepted(outcome)) return outcome;
      if (isRejected(outcome)) {
        this.#dropped.rejected.add(piece.items);
        return outcome;
      }
      await this.#wait(Math.max(waitMs, statusOf(outcome).retryAfterS * 1000));
    }
    this.#dropped.shutdown.add(piece.items);
    return Outcome.stopping;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ctx.clock.after(ms, resolve);
      this.#endWait = () => {
        cancel();
        resolve();
      };
    });
  }
}
