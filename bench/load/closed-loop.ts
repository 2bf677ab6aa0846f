/**
 * The generator's heart: keeps N requests in flight, gives each a send number of its own, remembers which were accepted and
 * how long the answers took.
 *
 * Compressed requests cannot be stamped in place, so they are made once and sent again and again under one send number each;
 * the ledger then counts arrivals per number instead of expecting one.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { build, type Histogram } from 'hdr-histogram-js';
import type { Compression, LoadWindow, Totals } from './messages.ts';
import type { Refusal, Sender } from './sender.ts';
import { PAYLOADS, stampSendNumber, type Payload, type Workload } from './workload.ts';

/** Wait after a refusal: long enough that a closed door does not eat the machine, short beside a window. */
const PAUSE_AFTER_REFUSAL_MS = 5;
/** With a rate, how often the requests that are due are sent. */
const TICK_MS = 5;
const MAX_LATENCY_US = 120_000_000;

/** A payload ready to go: the protocol's head, then the message. One send at a time. */
interface Shot {
  readonly buffer: Buffer;
  readonly base: number;
  readonly spanIdAt: Uint32Array;
  /** Send number, or -1 if every send gets a new one. */
  readonly fixedNumber: number;
}

export class ClosedLoop {
  readonly #sender: Sender;
  readonly #spansPerRequest: number;
  readonly #inFlightLimit: number;
  readonly #rate: number;
  /** Shots not in flight, the longest idle first. */
  readonly #idle: Shot[];
  readonly #latencies: Histogram;
  #accepted = new Uint32Array(64 * 1024);
  #nextNumber = 0;
  #inFlight = 0;
  #startedMs = 0;
  #startedRequests = 0;
  #timer: NodeJS.Timeout | null = null;
  #windowOpen = false;
  #windowAccepted = 0;
  #refused = 0;
  #failed = 0;
  #acceptedRequests = 0;
  #firstTrouble: string | null = null;
  #stopped: (() => void) | null = null;
  #running = false;

  constructor(workload: Workload, sender: Sender, compression: Compression, inFlight: number, rate: number) {
    if (inFlight > PAYLOADS) throw new RangeError(`at most ${PAYLOADS} requests in flight`);
    this.#sender = sender;
    this.#spansPerRequest = workload.spansPerRequest;
    this.#inFlightLimit = inFlight;
    this.#rate = rate;
    this.#idle = workload.payloads.map((payload, p) => makeShot(payload, p, sender, compression));
    this.#latencies = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: MAX_LATENCY_US,
      numberOfSignificantValueDigits: 3,
    });
  }

  get totals(): Totals {
    return {
      accepted: this.#acceptedRequests,
      refused: this.#refused,
      failed: this.#failed,
      firstTrouble: this.#firstTrouble,
    };
  }

  /** How often the request with that send number was accepted. */
  get accepted(): Uint32Array {
    return this.#accepted.slice(0, Math.max(this.#nextNumber, PAYLOADS));
  }

  start(): void {
    this.#running = true;
    this.#startedMs = performance.now();
    this.#startedRequests = 0;
    if (this.#rate > 0) this.#timer = setInterval(() => this.#fill(), TICK_MS);
    this.#fill();
  }

  openWindow(): void {
    this.#latencies.reset();
    this.#windowAccepted = 0;
    this.#windowOpen = true;
  }

  closeWindow(): LoadWindow {
    this.#windowOpen = false;
    const ms = (percentile: number): number => this.#latencies.getValueAtPercentile(percentile) / 1000;
    return {
      acceptedSpans: this.#windowAccepted * this.#spansPerRequest,
      p50Ms: ms(50),
      p99Ms: ms(99),
      maxMs: ms(100),
    };
  }

  /** Resolves when nothing is in flight any more. */
  async stop(): Promise<void> {
    this.#running = false;
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#stopped = resolve));
  }

  #fill(): void {
    while (this.#running && this.#inFlight < this.#inFlightLimit && this.#due()) this.#send();
  }

  #due(): boolean {
    if (this.#rate === 0) return true;
    const elapsedS = (performance.now() - this.#startedMs) / 1000;
    return this.#startedRequests * this.#spansPerRequest <= elapsedS * this.#rate;
  }

  #send(): void {
    const shot = this.#idle.shift() as Shot;
    const number = shot.fixedNumber >= 0 ? shot.fixedNumber : this.#nextNumber++;
    if (shot.fixedNumber < 0) stampSendNumber(shot.buffer, shot.base, shot.spanIdAt, number);
    this.#inFlight++;
    this.#startedRequests++;
    const sentAt = performance.now();
    this.#sender.send(shot.buffer, (refusal, answered) => {
      this.#idle.push(shot);
      this.#inFlight--;
      this.#account(number, refusal, answered, performance.now() - sentAt);
      if (this.#inFlight === 0) this.#stopped?.();
      if (refusal === '') this.#fill();
      else setTimeout(() => this.#fill(), PAUSE_AFTER_REFUSAL_MS);
    });
  }

  #account(number: number, refusal: Refusal, answered: boolean, tookMs: number): void {
    if (refusal === '') {
      if (this.#windowOpen) {
        this.#latencies.recordValue(Math.min(MAX_LATENCY_US, Math.max(1, Math.round(tookMs * 1000))));
        this.#windowAccepted++;
      }
      if (number >= this.#accepted.length) {
        const grown = new Uint32Array(this.#accepted.length * 2);
        grown.set(this.#accepted);
        this.#accepted = grown;
      }
      this.#accepted[number] = this.#accepted[number] + 1;
      this.#acceptedRequests++;
      return;
    }
    if (answered) this.#refused++;
    else this.#failed++;
    this.#firstTrouble ??= refusal;
  }
}

function makeShot(payload: Payload, p: number, sender: Sender, compression: Compression): Shot {
  let message = payload.bytes;
  if (compression !== 'none') {
    message = Buffer.from(payload.bytes);
    stampSendNumber(message, 0, payload.spanIdAt, p);
    message = compression === 'gzip' ? gzipSync(message) : zstdCompressSync(message);
  }
  const base = sender.headBytes(message.length);
  const buffer = Buffer.allocUnsafeSlow(base + message.length);
  sender.writeHead(buffer, message.length);
  message.copy(buffer, base);
  return { buffer, base, spanIdAt: payload.spanIdAt, fixedNumber: compression === 'none' ? -1 : p };
}
