/**
 * A lane: reads request frames from the ring of one producer (main, or an ingest thread), hands each to the pipeline as a batch
 * that borrows the ring's bytes, and answers the producer with the outcome.
 *
 * The record is released as soon as `consume` returns: whoever needs the bytes longer has kept them (`kit/batch.ts`). What
 * is still unanswered then is bounded by the size of the ring; past that the lane stops reading, the ring fills and the
 * producer refuses at the door.
 */
import type { Batch } from '#components/kit/batch.ts';
import { ANSWER_BYTES, FrameView } from '#shared/frame.ts';
import { Outcome } from '#shared/outcome.ts';
import { RingReader, RingWriter } from '#shared/ring.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

/** The part of the pipeline that a lane needs. */
export type Entries = Pick<Pipeline, 'entry'>;

/** Frames handled before the event loop gets a turn (timers, sockets, other lanes). */
const BURST_FRAMES = 16;

export class Lane {
  readonly #frames: RingReader;
  readonly #answers: RingWriter;
  readonly #pipeline: Entries;
  readonly #view = new FrameView();
  #pendingBytes = 0;
  #pendingFrames = 0;
  #paused = 0;
  #stopping = false;
  /** The producer is gone: nobody reads answers. */
  #orphaned = false;
  /** `run` has returned. */
  #ended = false;
  /** Told once everything that lies in the ring has been handed out, or cannot be for now. */
  #onRead: (() => void)[] = [];
  /** Set while `run` waits for an answer or a resume; called when either comes. */
  #wake: (() => void) | null = null;

  constructor(frames: SharedArrayBuffer, answers: SharedArrayBuffer, pipeline: Entries) {
    this.#frames = new RingReader(frames);
    this.#answers = new RingWriter(answers);
    this.#pipeline = pipeline;
  }

  /**
   * Reads until `stop()` or `abandon()` and what lies in the ring then. What waits for its answer goes on waiting: stopping the
   * parts is what answers it, see {@link answered}.
   */
  async run(): Promise<void> {
    try {
      await this.#read();
    } finally {
      this.#ended = true;
      this.#allRead();
    }
  }

  async #read(): Promise<void> {
    let sinceTurn = 0;
    for (;;) {
      sinceTurn += this.#burst(BURST_FRAMES - sinceTurn);
      this.#answers.ring();
      if (sinceTurn === BURST_FRAMES) {
        // Counted over bursts: a producer that is just ahead of the lane must not keep the thread to itself.
        sinceTurn = 0;
        await turn();
      } else if (this.#paused > 0) await this.#settled();
      else if (this.#stopping) return this.#refuseRest();
      else {
        this.#allRead();
        if (this.#blocked() || (this.#orphaned && this.#pendingFrames > 0)) await this.#settled();
        else if (this.#orphaned) return;
        else {
          const slept = this.#frames.sleep();
          if (slept === null) continue;
          sinceTurn = 0;
          await slept;
        }
      }
    }
  }

  /**
   * Resolves when what lies in the ring now has been handed out. Frames for which there is no room are left: stopping the parts
   * makes it. Goes on reading.
   */
  drain(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    const read = new Promise<void>((resolve) => this.#onRead.push(resolve));
    this.#frames.ring();
    this.#nudge();
    return read;
  }

  #allRead(): void {
    for (const tell of this.#onRead.splice(0)) tell();
  }

  /** Resolves when everything that was read has been answered. After `run`. */
  async answered(): Promise<void> {
    while (this.#pendingFrames > 0) await this.#settled();
  }

  /** Stops handing out frames (while the pipeline is rewired). Nests. */
  pause(): void {
    this.#paused++;
  }

  resume(): void {
    this.#paused--;
    this.#nudge();
  }

  /** Makes `run` end. */
  stop(): void {
    this.#stopping = true;
    this.#frames.ring();
    this.#nudge();
  }

  /** The producer has died: `run` ends when what it has written is read and settled, and answers go nowhere from now on. */
  abandon(): void {
    this.#orphaned = true;
    this.#frames.ring();
    this.#nudge();
  }

  /** Frames for which there is no room before the parts have stopped. */
  #refuseRest(): void {
    for (; this.#frames.peek(); this.#frames.release()) {
      this.#view.read(this.#frames);
      this.#answer(this.#view.slot, Outcome.stopping);
    }
    this.#answers.ring();
  }

  #blocked(): boolean {
    return this.#paused > 0 || this.#pendingBytes > this.#frames.capacity / 2;
  }

  #burst(most: number): number {
    let handled = 0;
    while (handled < most && !this.#blocked() && this.#frames.peek()) {
      this.#frame();
      this.#frames.release();
      handled++;
    }
    return handled;
  }

  #frame(): void {
    const view = this.#view;
    view.read(this.#frames);
    const consumer = this.#pipeline.entry(view.entry, view.signal);
    if (consumer === undefined) {
      this.#answer(view.slot, Outcome.notReady);
      return;
    }
    const batch: Batch = {
      signal: view.signal,
      bytes: this.#frames.data.subarray(view.payloadStart, view.payloadEnd),
      items: view.items,
      metadata: view.metadata(this.#frames),
      owned: false,
    };
    const outcome = consumer.consume(batch);
    if (typeof outcome === 'number') this.#answer(view.slot, outcome);
    else this.#answerLater(view.slot, batch.bytes.length, outcome);
  }

  #answerLater(slot: number, bytes: number, outcome: Promise<Outcome>): void {
    this.#pendingFrames++;
    this.#pendingBytes += bytes;
    void outcome.then((result) => {
      this.#pendingFrames--;
      this.#pendingBytes -= bytes;
      this.#answer(slot, result);
      this.#answers.ring();
      this.#nudge();
    });
  }

  #answer(slot: number, outcome: Outcome): void {
    if (this.#orphaned) return;
    const at = this.#answers.reserve(ANSWER_BYTES);
    if (at < 0)
      throw new Error('the ring of answers is full: more frames were answered than a producer can have in flight');
    this.#answers.words[at >> 2] = slot;
    this.#answers.words[(at >> 2) + 1] = outcome;
    this.#answers.commit();
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #nudge(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
