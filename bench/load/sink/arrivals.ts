/**
 * Which spans have arrived, by send number and index in the request. Two ways, because compressed requests cannot be stamped
 * anew for every send.
 */
import { SendSet, type SendSetBlocks } from '../send-set.ts';

/** What the generator knows at the end. */
export type Accepted =
  /** Every request had a send number of its own: the numbers of those that were accepted. */
  | { readonly numbers: 'unique'; readonly accepted: SendSetBlocks }
  /** Requests were sent again and again: how often the one with that number was accepted. */
  | { readonly numbers: 'repeated'; readonly accepted: Uint32Array };

export interface Faults {
  /** Spans of accepted requests that did not arrive. */
  readonly lost: number;
  /** Arrivals beyond the first of each accepted send. */
  readonly duplicated: number;
  /** Arrivals of spans whose request was refused or never answered: a sender that retries makes them duplicates. */
  readonly unexpected: number;
}

export interface Arrivals {
  /** False if nobody can have sent that. */
  arrive(send: number, span: number): boolean;
  faults(accepted: Accepted): Faults;
}

/**
 * Memory: a window of bits for each request of which some spans have arrived and some not, closed when the last one comes;
 * then a bit for each request (`SendSet`).
 */
export class UniqueArrivals implements Arrivals {
  readonly #spans: number;
  readonly #words: number;
  readonly #maxOpen: number;
  readonly #complete = new SendSet();
  /** Window of each request that is not complete. */
  readonly #open = new Map<number, number>();
  #bits: Uint32Array;
  /** Of each window, spans still to come. */
  #left: Uint32Array;
  readonly #free: number[] = [];
  #windows = 0;
  #duplicated = 0;
  #lastSend = -1;
  /** Window of the last send; -1 if that request is complete. */
  #lastWindow = -1;

  /** `maxOpen`: incomplete requests at a time; more mean that whole stretches were lost, and it throws. */
  constructor(spansPerRequest: number, maxOpen = 1_000_000) {
    this.#spans = spansPerRequest;
    this.#words = Math.ceil(spansPerRequest / 32);
    this.#maxOpen = maxOpen;
    this.#bits = new Uint32Array(this.#words * 64);
    this.#left = new Uint32Array(64);
  }

  arrive(send: number, span: number): boolean {
    if (send !== this.#lastSend) this.#select(send);
    const window = this.#lastWindow;
    const word = window * this.#words + (span >>> 5);
    const bit = 1 << (span & 31);
    if (window < 0 || (this.#bits[word] & bit) !== 0) {
      this.#duplicated++;
      return true;
    }
    this.#bits[word] |= bit;
    if (--this.#left[window] === 0) this.#close(send, window);
    return true;
  }

  /** Windows in use; for tests. */
  get open(): number {
    return this.#open.size;
  }

  faults({ numbers, accepted }: Accepted): Faults {
    if (numbers !== 'unique') throw new Error('the generator repeated its requests');
    let lost = 0;
    let unexpected = 0;
    const due = new SendSet(accepted);
    const missing = (send: number): number => {
      const window = this.#open.get(send);
      return window === undefined ? this.#spans : this.#left[window];
    };
    this.#complete.differences(due, (send) => {
      if (due.has(send)) lost += missing(send);
      else unexpected += this.#spans;
    });
    for (const [send, window] of this.#open) if (!due.has(send)) unexpected += this.#spans - this.#left[window];
    return { lost, duplicated: this.#duplicated, unexpected };
  }

  #select(send: number): void {
    this.#lastSend = send;
    const open = this.#open.get(send);
    if (open !== undefined) this.#lastWindow = open;
    else if (this.#complete.has(send)) this.#lastWindow = -1;
    else this.#lastWindow = this.#openWindow(send);
  }

  #openWindow(send: number): number {
    if (this.#open.size >= this.#maxOpen) throw new Error(`${this.#maxOpen} requests arrived in part`);
    const window = this.#free.pop() ?? this.#windows++;
    if (window >= this.#left.length) {
      this.#bits = doubled(this.#bits);
      this.#left = doubled(this.#left);
    }
    this.#left[window] = this.#spans;
    this.#open.set(send, window);
    return window;
  }

  #close(send: number, window: number): void {
    this.#complete.add(send);
    this.#open.delete(send);
    this.#bits.fill(0, window * this.#words, (window + 1) * this.#words);
    this.#free.push(window);
    this.#lastWindow = -1;
  }
}

/** One counter for each span of each of few numbers. */
export class RepeatedArrivals implements Arrivals {
  readonly #spans: number;
  readonly #counts: Uint32Array;

  constructor(spansPerRequest: number, numbers: number) {
    this.#spans = spansPerRequest;
    this.#counts = new Uint32Array(spansPerRequest * numbers);
  }

  arrive(send: number, span: number): boolean {
    const cell = send * this.#spans + span;
    if (cell >= this.#counts.length) return false;
    this.#counts[cell] = this.#counts[cell] + 1;
    return true;
  }

  faults({ numbers, accepted }: Accepted): Faults {
    if (numbers !== 'repeated') throw new Error('the generator did not repeat its requests');
    let lost = 0;
    let duplicated = 0;
    let unexpected = 0;
    for (let cell = 0; cell < this.#counts.length; cell++) {
      const due = accepted[Math.floor(cell / this.#spans)] ?? 0;
      const arrived = this.#counts[cell];
      if (arrived < due) lost += due - arrived;
      else if (due === 0) unexpected += arrived;
      else duplicated += arrived - due;
    }
    return { lost, duplicated, unexpected };
  }
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(array.length * 2);
  grown.set(array);
  return grown;
}
