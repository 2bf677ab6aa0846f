/**
 * Tells a peer that makes us work for nothing from one that is merely busy (RFC 9113, section 10.5): streams that are opened
 * and reset at once (CVE-2023-44487), or made to be reset by us (CVE-2025-8671), and frames that carry nothing (CVE-2019-9512
 * to 9518). Exceeding a bound ends the connection with ENHANCE_YOUR_CALM.
 */
import { ConnectionError, ErrorCode } from './error.ts';

/** The bounds of nghttp2, which most servers use: a burst, and what grows back in a second. */
const RESET_BURST = 1000;
const RESETS_PER_SECOND = 33;
/** Frames without a request or a byte of data, in either direction, between them. */
const MAX_IDLE_FRAMES = 10_000;

export class FloodGuard {
  readonly #nowMs: () => number;
  #resets = RESET_BURST;
  #refilledMs: number;
  #idleFrames = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#refilledMs = nowMs();
  }

  /** A stream was reset before it was answered, by the peer or because of what the peer sent. */
  reset(): void {
    if (this.#resets < 1) {
      const now = this.#nowMs();
      this.#resets = Math.min(RESET_BURST, this.#resets + ((now - this.#refilledMs) / 1000) * RESETS_PER_SECOND);
      this.#refilledMs = now;
      if (this.#resets < 1) throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many streams are reset');
    }
    this.#resets--;
  }

  /** A frame that moves no request on. */
  idleFrame(): void {
    if (++this.#idleFrames > MAX_IDLE_FRAMES)
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many frames without a request or data');
  }

  progress(): void {
    this.#idleFrames = 0;
  }
}
