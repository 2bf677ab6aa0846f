/**
 * The lanes of one worker: one for each producer, in one thread. They share the thread by turns (`lane.ts`), so a producer that
 * writes without end does not keep the others' frames waiting.
 */
import type { RingPair } from '#shared/control.ts';
import { Lane, type Entries } from './lane.ts';

export class LaneSet {
  readonly #entries: Entries;
  /** By producer. */
  readonly #present = new Map<number, Lane>();
  /** Those present, and those abandoned that still have something to read or to wait for. */
  readonly #all = new Set<Lane>();
  /** Lanes whose `run` is under way. */
  #reading = 0;
  #paused = 0;
  #running = false;
  #stopping = false;
  readonly #ended = Promise.withResolvers<void>();

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** A producer has rings to this worker. Its life before, if it had one, has been abandoned. */
  attach(producer: number, { frames, answers }: RingPair): void {
    const lane = new Lane(frames, answers, this.#entries);
    this.#present.set(producer, lane);
    this.#all.add(lane);
    for (let i = 0; i < this.#paused; i++) lane.pause();
    if (this.#stopping) lane.stop();
    if (this.#running) this.#start(lane);
  }

  /** The producer has died. */
  abandon(producer: number): void {
    this.#present.get(producer)?.abandon();
    this.#present.delete(producer);
  }

  /** Reads all lanes, also those attached later, until `stop()` and what lies in the rings then. Rejects with a bug of a lane. */
  run(): Promise<void> {
    this.#running = true;
    for (const lane of this.#all) this.#start(lane);
    this.#endIfRead();
    return this.#ended.promise;
  }

  /** Resolves when everything that was read has been answered. After `run`. */
  async answered(): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.answered()));
  }

  /** Stops handing out frames (while the pipeline is rewired). Nests. */
  pause(): void {
    this.#paused++;
    for (const lane of this.#all) lane.pause();
  }

  resume(): void {
    this.#paused--;
    for (const lane of this.#all) lane.resume();
  }

  /** Resolves when what lies in the rings now has been handed out ({@link Lane.drain}); `run` goes on. */
  async drain(): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.drain()));
  }

  /** Makes `run` end. */
  stop(): void {
    this.#stopping = true;
    for (const lane of this.#all) lane.stop();
    this.#endIfRead();
  }

  #start(lane: Lane): void {
    this.#reading++;
    lane.run().then(
      () => {
        this.#reading--;
        if (!this.#stopping) this.#all.delete(lane);
        this.#endIfRead();
      },
      (bug: unknown) => this.#ended.reject(bug),
    );
  }

  #endIfRead(): void {
    if (this.#running && this.#stopping && this.#reading === 0) this.#ended.resolve();
  }
}
