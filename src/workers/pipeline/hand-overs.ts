/**
 * At the end: parts that hand over what they have counted stop, and what follows them waits until main has passed it on.
 */
import type { Clock } from '#shared/clock.ts';

export class HandOvers {
  readonly #finishing: (nodeId: string) => void;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, () => void>();

  /** `finishing` tells main. */
  constructor(finishing: (nodeId: string) => void, clock: Clock) {
    this.#finishing = finishing;
    this.#clock = clock;
  }

  /** The part has stopped. Resolves when main has answered, at the latest after `deadlineMs`. */
  begin(nodeId: string, deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(Math.max(0, deadlineMs), () => this.end(nodeId));
      this.#waiting.set(nodeId, () => {
        cancel();
        resolve();
      });
      this.#finishing(nodeId);
    });
  }

  /** Main has answered. */
  end(nodeId: string): void {
    this.#waiting.get(nodeId)?.();
    this.#waiting.delete(nodeId);
  }
}
