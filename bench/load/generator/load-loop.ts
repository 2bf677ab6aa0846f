/**
 * The generator's heart: sends requests in a closed or an open loop, gives each a send number of its own, remembers which were
 * accepted and how long the answers took.
 *
 * Compressed requests cannot be stamped in place, so they are made once and sent again and again under one send number each;
 * the ledger then counts arrivals per number instead of expecting one.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression, Load, LoadWindow, Totals } from '../messages.ts';
import { stampSendNumber, type Payload, type Workload } from '../payload/workload.ts';
import { SendSet } from '../send-set.ts';
import type { Accepted } from '../sink/arrivals.ts';
import { Schedule } from './schedule.ts';
import type { Answer, Sender, Shot } from './sender.ts';
import { Tally } from './tally.ts';

/** Closed loop: wait after a refusal, long enough that a closed door does not eat the machine, short beside a window. */
const PAUSE_AFTER_REFUSAL_MS = 5;
/** Open loop: a request that is this late because too many others are under way is not sent any more. */
const MAX_LATE_MS = 1000;

/** A shot and, if it is one that is repeated, its send number, else -1. */
interface Round {
  readonly shot: Shot;
  readonly fixedNumber: number;
}

/** How many send numbers a run with repeated requests has. */
export const repeatedNumbers = (workload: Workload, inFlight: number): number =>
  Math.max(workload.payloads.length, inFlight);

export class LoadLoop {
  readonly #sender: Sender;
  readonly #workload: Workload;
  readonly #compression: Compression;
  /** Rounds not in flight, the longest idle first; made when first needed. */
  readonly #idle: Round[] = [];
  readonly #mostRounds: number;
  #rounds = 0;
  readonly #accepted = new SendSet();
  readonly #acceptedOften: Uint32Array;
  readonly #total = new Tally();
  readonly #window = new Tally();
  readonly #slice = new Tally();
  readonly #tallies = [this.#total, this.#window, this.#slice];
  #firstTrouble: string | null = null;
  #load: Load = { inFlight: 0, rate: 0 };
  /** null in a closed loop. */
  #schedule: Schedule | null = null;
  #nextNumber = 0;
  #inFlight = 0;
  #timer: NodeJS.Timeout | null = null;
  #stopped: (() => void) | null = null;

  /** `inFlight`: most requests in flight that any load may ask for. */
  constructor(workload: Workload, sender: Sender, compression: Compression, inFlight: number) {
    this.#sender = sender;
    this.#workload = workload;
    this.#compression = compression;
    this.#mostRounds = repeatedNumbers(workload, inFlight);
    this.#acceptedOften = new Uint32Array(this.#mostRounds);
    // all payloads in turn from the start, so that a few hot ones do not stay in the CPU's cache
    for (let i = 0; i < workload.payloads.length; i++) this.#idle.push(this.#makeRound());
  }

  get totals(): Totals {
    const { sent, accepted, refused, notRetryable, failed, unsent } = this.#total.read();
    return { sent, accepted, refused, notRetryable, failed, unsent, firstTrouble: this.#firstTrouble };
  }

  get accepted(): Accepted {
    return this.#compression === 'none'
      ? { numbers: 'unique', accepted: this.#accepted.blocks }
      : { numbers: 'repeated', accepted: this.#acceptedOften };
  }

  /** Begins to send, or goes on differently. */
  run(load: Load): void {
    if (load.inFlight > this.#mostRounds) throw new RangeError(`at most ${this.#mostRounds} requests in flight`);
    this.#load = load;
    this.#schedule =
      load.rate === 0 ? null : new Schedule(performance.now(), load.rate / this.#workload.spansPerRequest);
    this.#fill();
  }

  openWindow(): void {
    this.#window.reset();
    this.#slice.reset();
  }

  closeWindow(): LoadWindow {
    return this.#window.read();
  }

  /** What happened since the last call. */
  slice(): LoadWindow {
    const read = this.#slice.read();
    this.#slice.reset();
    return read;
  }

  /** Resolves when nothing is in flight any more. */
  async stop(): Promise<void> {
    this.#load = { inFlight: 0, rate: 0 };
    this.#schedule = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#stopped = resolve));
  }

  #fill(): void {
    if (this.#schedule === null) while (this.#inFlight < this.#load.inFlight) this.#send(performance.now());
    else this.#sendDue(this.#schedule);
  }

  #sendDue(schedule: Schedule): void {
    let now = performance.now();
    const given = schedule.giveUpBefore(now - MAX_LATE_MS);
    if (given > 0) for (const tally of this.#tallies) tally.unsent += given;
    while (this.#inFlight < this.#load.inFlight && schedule.dueMs <= now) {
      const due = schedule.dueMs;
      schedule.take();
      this.#send(due);
      now = performance.now();
    }
    // If too many are under way the next answer comes back here, and the timer sees what grows too late meanwhile.
    this.#timer ??= setTimeout(
      () => {
        this.#timer = null;
        if (this.#schedule !== null) this.#sendDue(this.#schedule);
      },
      Math.max(1, schedule.dueMs - now),
    );
  }

  /** `fromMs`: from when on the answer is waited for. */
  #send(fromMs: number): void {
    const round = this.#takeRound();
    const number = round.fixedNumber >= 0 ? round.fixedNumber : this.#nextNumber++;
    if (round.fixedNumber < 0) stampSendNumber(round.shot.bytes, round.shot.spanIdAt, number);
    this.#inFlight++;
    for (const tally of this.#tallies) tally.sent++;
    this.#sender.send(round.shot, (answer) => {
      this.#idle.push(round);
      this.#inFlight--;
      this.#account(number, answer, performance.now() - fromMs);
      if (this.#inFlight === 0) this.#stopped?.();
      if (answer.outcome === 'accepted' || this.#schedule !== null) this.#fill();
      else setTimeout(() => this.#fill(), PAUSE_AFTER_REFUSAL_MS);
    });
  }

  #account(number: number, answer: Answer, tookMs: number): void {
    for (const tally of this.#tallies) tally.answered(answer, tookMs);
    if (answer.outcome !== 'accepted') this.#firstTrouble ??= answer.text;
    else if (this.#compression === 'none') this.#accepted.add(number);
    else this.#acceptedOften[number] = this.#acceptedOften[number] + 1;
  }

  #takeRound(): Round {
    return this.#idle.shift() ?? this.#makeRound();
  }

  #makeRound(): Round {
    const number = this.#rounds++;
    const payload = this.#workload.payloads[number % this.#workload.payloads.length];
    if (this.#compression === 'none')
      return { shot: this.#sender.prepare(payload.bytes, payload.spanIdAt), fixedNumber: -1 };
    return { shot: this.#sender.prepare(compressed(payload, number, this.#compression), NO_IDS), fixedNumber: number };
  }
}

const NO_IDS = new Uint32Array();

function compressed(payload: Payload, number: number, compression: 'gzip' | 'zstd'): Buffer {
  const message = Buffer.from(payload.bytes);
  stampSendNumber(message, payload.spanIdAt, number);
  return compression === 'gzip' ? gzipSync(message) : zstdCompressSync(message);
}
