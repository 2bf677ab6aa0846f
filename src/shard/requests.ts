/**
 * The table of requests in flight: joins the outcomes of a request's frames and answers once, when the last one is known.
 * One per thread that accepts; slots are small integers that travel in its frames and their answers, and their number is the
 * bound on its requests in flight.
 */
import { Outcome, join } from '#shared/outcome.ts';
import type { Congestion } from './congestion.ts';

export const MAX_REQUESTS_IN_FLIGHT = 8192;

/** See `Entry.offer`. */
export type Done = (outcome: Outcome, items: number, detail?: string) => void;

export class RequestTable {
  readonly #done: (Done | null)[] = new Array<Done | null>(MAX_REQUESTS_IN_FLIGHT).fill(null);
  readonly #waiting = new Int32Array(MAX_REQUESTS_IN_FLIGHT);
  readonly #outcome = new Int32Array(MAX_REQUESTS_IN_FLIGHT);
  readonly #items = new Int32Array(MAX_REQUESTS_IN_FLIGHT);
  readonly #openedMs = new Float64Array(MAX_REQUESTS_IN_FLIGHT);
  readonly #door = new Int32Array(MAX_REQUESTS_IN_FLIGHT);
  /** Per worker, 1 where a slot waits for an answer of that worker. */
  readonly #byWorker: Uint8Array[];
  readonly #free = Int32Array.from({ length: MAX_REQUESTS_IN_FLIGHT }, (_, i) => MAX_REQUESTS_IN_FLIGHT - 1 - i);
  #freeCount = MAX_REQUESTS_IN_FLIGHT;
  readonly #nowMs: () => number;
  readonly #answered: (latencyMs: number, outcome: Outcome) => void;
  readonly #congestion: Congestion;

  /** `answered` gets the time from `open` to the answer of each request, and its joined outcome. */
  constructor(
    workers: number,
    nowMs: () => number,
    congestion: Congestion,
    answered: (latencyMs: number, outcome: Outcome) => void,
  ) {
    this.#byWorker = Array.from({ length: workers }, () => new Uint8Array(MAX_REQUESTS_IN_FLIGHT));
    this.#nowMs = nowMs;
    this.#congestion = congestion;
    this.#answered = answered;
  }

  get inFlight(): number {
    return MAX_REQUESTS_IN_FLIGHT - this.#freeCount;
  }

  /** Takes a slot for a request that came to `door`, or -1 when all are taken. Each slot waits for the frames that {@link expect} names; without any, {@link cancel} it. */
  open(items: number, door: number, done: Done): number {
    if (this.#freeCount === 0) return -1;
    const slot = this.#free[--this.#freeCount];
    this.#done[slot] = done;
    this.#waiting[slot] = 0;
    this.#outcome[slot] = Outcome.accepted;
    this.#items[slot] = items;
    this.#openedMs[slot] = this.#nowMs();
    this.#door[slot] = door;
    return slot;
  }

  expect(slot: number, worker: number): void {
    this.#byWorker[worker][slot] = 1;
    this.#waiting[slot]++;
  }

  /** Gives a slot back without calling `done`. */
  cancel(slot: number): void {
    this.#done[slot] = null;
    this.#free[this.#freeCount++] = slot;
  }

  /** One frame's outcome. Answers for frames that are not expected (a worker that was given up) are ignored. */
  answer(slot: number, worker: number, outcome: Outcome): void {
    const expected = this.#byWorker[worker];
    if (expected[slot] !== 1) return;
    expected[slot] = 0;
    if (outcome !== Outcome.accepted) this.#congestion.answered(this.#door[slot], worker, outcome);
    this.#outcome[slot] = join(this.#outcome[slot], outcome);
    this.#waiting[slot]--;
    if (this.#waiting[slot] !== 0) return;
    const done = this.#done[slot] as Done;
    const joined = this.#outcome[slot];
    this.cancel(slot);
    this.#answered(this.#nowMs() - this.#openedMs[slot], joined);
    done(joined, this.#items[slot]);
  }

  /** Answers every frame that `worker` still owes. Returns how many there were. */
  lose(worker: number, outcome: Outcome): number {
    const expected = this.#byWorker[worker];
    let lost = 0;
    for (let slot = expected.indexOf(1); slot >= 0; slot = expected.indexOf(1, slot + 1)) {
      lost++;
      this.answer(slot, worker, outcome);
    }
    return lost;
  }
}
