/** What a run tells while it runs: one line that changes on a terminal, a line per phase elsewhere. */
import type { Phase } from '../run/plan.ts';
import type { Sample } from '../run/samples.ts';
import { short } from './svg.ts';

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const EVERY_MS = 1000;
const CLEAR = '\r\x1b[K';

export class Progress {
  readonly #screen: Screen;
  readonly #now: () => number;
  #shownMs = -Infinity;
  #what = '';
  #phase = '';

  constructor(screen: Screen, now = (): number => performance.now()) {
    this.#screen = screen;
    this.#now = now;
  }

  /** A line that stays. */
  say(line: string): void {
    this.#screen.write(`${this.#screen.isTTY === true ? CLEAR : ''}${line}\n`);
  }

  /** What comes now: scenario, round, system. */
  begin(what: string): void {
    this.#what = what;
    this.#phase = '';
  }

  watch(phase: Phase, sample: Sample, leftS: number): void {
    if (this.#screen.isTTY === true) {
      const now = this.#now();
      if (now - this.#shownMs < EVERY_MS) return;
      this.#shownMs = now;
      const refused = sample.refusedPerS > 0 ? `, ${short(sample.refusedPerS)}/s refused` : '';
      const rss = sample.rssBytes === null ? '' : `, RSS ${short(sample.rssBytes / 2 ** 20)} MiB`;
      const line = `${this.#what}  ${phase.name}, ${Math.max(0, Math.ceil(leftS))} s left: ${short(sample.goodputPerS)} spans/s${refused}, p99 ${sample.p99Ms.toFixed(1)} ms${rss}`;
      this.#screen.write(CLEAR + line.slice(0, (this.#screen.columns ?? 120) - 1));
    } else if (phase.name !== this.#phase) {
      this.#phase = phase.name;
      this.say(`${this.#what}  ${phase.name}, ${phase.seconds} s`);
    }
  }
}
