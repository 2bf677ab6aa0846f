/**
 * A gate: whether a component takes anything at present. Main moves it, any thread looks.
 *
 *     word 0   the outcome with which everything is refused; 0 = open
 */
import { Outcome } from './outcome.ts';

const GATE_BYTES = 4;

/** Memory of a gate that is open. */
export const createGate = (): SharedArrayBuffer => new SharedArrayBuffer(GATE_BYTES);

export class Gate {
  readonly #word: Int32Array;

  /** Over memory of {@link createGate}; without it the gate is its own, and stays open unless this thread closes it. */
  constructor(memory: SharedArrayBuffer = createGate()) {
    this.#word = new Int32Array(memory);
  }

  /** What to refuse with; {@link Outcome.accepted}: it is open. */
  get refusal(): Outcome {
    return Atomics.load(this.#word, 0);
  }

  close(refusal: Outcome): void {
    Atomics.store(this.#word, 0, refusal);
  }

  open(): void {
    Atomics.store(this.#word, 0, Outcome.accepted);
  }
}
