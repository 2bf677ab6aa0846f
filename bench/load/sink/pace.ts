/** How long the sink lets its answers wait, so that it is as slow as a scenario wants it. Milliseconds of one clock. */
import type { SinkBehaviour } from '../messages.ts';

export const FAST: SinkBehaviour = { open: true, spansPerSecond: 0, delayMs: 0 };

export class Pace {
  #behaviour = FAST;
  /** When everything taken so far would be done at the wanted speed. */
  #doneMs = 0;

  behave(behaviour: SinkBehaviour): void {
    this.#behaviour = behaviour;
    this.#doneMs = 0;
  }

  /** For a message of so many spans that has come at `nowMs`. */
  waitMs(spans: number, nowMs: number): number {
    const { spansPerSecond, delayMs } = this.#behaviour;
    if (spansPerSecond === 0) return delayMs;
    this.#doneMs = Math.max(this.#doneMs, nowMs) + (spans / spansPerSecond) * 1000;
    return Math.max(delayMs, this.#doneMs - nowMs);
  }
}
