/**
 * A log for things that can happen once per batch: the first event is logged at once, those of the following period are
 * counted and told in one line at its end, which says so. So an outage costs a line per period, not a line per batch, and no count is lost.
 */
import type { Clock } from '#shared/clock.ts';
import type { Fields, Level, Logger } from '#shared/log.ts';

const PERIOD_MS = 10_000;

interface Muted {
  level: Level;
  events: number;
  items: number;
  fields: Fields;
  readonly cancel: () => void;
}

export class LimitedLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  /** By message; messages are literals, so this is bounded by the source code. */
  readonly #muted = new Map<string, Muted>();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Logs an event that concerned `items` items. A summary carries the fields of its last event. */
  event(level: Level, message: string, items: number, fields: Fields): void {
    const muted = this.#muted.get(message);
    if (muted === undefined) {
      this.#log[level](message, { ...fields, items });
      this.#mute(message, level);
      return;
    }
    muted.level = level;
    muted.events++;
    muted.items += items;
    muted.fields = fields;
  }

  /** Writes what is still uncounted and stops all timers. The log may be used again afterwards. */
  flush(): void {
    for (const [message, muted] of this.#muted) {
      muted.cancel();
      this.#summarize(message, muted);
    }
    this.#muted.clear();
  }

  #mute(message: string, level: Level): void {
    const cancel = this.#clock.after(PERIOD_MS, () => {
      const muted = this.#muted.get(message);
      this.#muted.delete(message);
      if (muted !== undefined && this.#summarize(message, muted)) this.#mute(message, level);
    });
    this.#muted.set(message, { level, events: 0, items: 0, fields: {}, cancel });
  }

  #summarize(message: string, muted: Muted): boolean {
    if (muted.events === 0) return false;
    this.#log[muted.level](message, { ...muted.fields, items: muted.items, more_since_last_line: muted.events });
    return true;
  }
}
