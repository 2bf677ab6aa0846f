/**
 * When to drain and when to give up: signals of the operator, and the loss of the launcher that started the process.
 */
import type { Clock } from '#shared/clock.ts';

/** One Ctrl-C can arrive several times: from the terminal to the whole group, and once more forwarded by npm. */
const SAME_EVENT_MS = 500;

export interface StopRequests {
  readonly clock: Clock;
  /** Called once, for the first request. */
  readonly onDrain: (why: string) => void;
  /** Called once, for the first signal that comes later than the same event could. */
  readonly onForce: (why: string) => void;
}

export class StopSignals {
  readonly #requests: StopRequests;
  #firstMs = -1;
  #forced = false;

  constructor(requests: StopRequests) {
    this.#requests = requests;
  }

  /** SIGTERM or SIGINT. */
  signal(name: string): void {
    const { clock, onForce } = this.#requests;
    if (this.#drain(name) || this.#forced || clock.monotonicMs() - this.#firstMs <= SAME_EVENT_MS) return;
    this.#forced = true;
    onForce(name);
  }

  /** The launcher's IPC channel closed. It asks to drain; it never forces, since nobody has asked for that. */
  launcherGone(): void {
    this.#drain('launcher gone');
  }

  /** Whether this was the first request. */
  #drain(why: string): boolean {
    if (this.#firstMs >= 0) return false;
    this.#firstMs = this.#requests.clock.monotonicMs();
    this.#requests.onDrain(why);
    return true;
  }
}
