/**
 * Decides about one span or log record after the other, and writes into those that stay how likely that was (contrib
 * probabilisticsamplerprocessor, `sampler_mode.go`): an item stays if its random value is not below a threshold.
 *
 *     mode           random value                                      threshold
 *     hash_seed      hash of the trace id (log records: or of an       of the percentage, in steps of 1 in 2^14
 *                    attribute)
 *     proportional   the one that the item has come with, else the     of the percentage times the probability that the item has
 *                    lower 56 bits of the trace id                     come with
 *     equalizing     likewise                                          of the percentage, or the one that it has come with, if higher
 *
 * Nothing is made per item but what is written. Worker threads; reused.
 */
import { ANY_VALUE, LOG_RECORD, SPAN, TRACE_ID_BYTES } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { ALWAYS, Bits56, LARGEST, LEAST_PROBABILITY, NEVER } from './bits56.ts';
import {
  BY_ATTRIBUTE,
  BY_NOTHING,
  BY_PRIORITY,
  BY_RANDOMNESS,
  BY_TRACE_ID,
  BY_TRACE_ID_HASH,
  INCONSISTENT,
  MALFORMED,
  MISSING_RANDOMNESS,
  NO_TROUBLE,
  RANDOMNESS_IN_USE,
  THRESHOLD_IN_USE,
  type Decisions,
} from './decisions.ts';
import { LogState } from './log-state.ts';
import { numberIn } from './priority.ts';
import { BUCKETS, isTraceId, randomOfHash, randomOfTraceId, seededHash } from './randomness.ts';
import type { SamplingState } from './sampling-state.ts';
import type { Args } from './schema.ts';
import { TraceState } from './trace-state.ts';

const PRIORITY = Buffer.from('sampling.priority');

export class Sampler {
  readonly #mode: Args['mode'] | 'never';
  /** Of the percentage: as a part, and as the threshold of an item that has not been sampled before. */
  readonly #ratio: number;
  readonly #own = new Bits56();
  readonly #digits: number;
  readonly #isFailClosed: boolean;
  readonly #seed: number;
  /** Of log records. */
  readonly #hashesTraceIds: boolean;
  readonly #hashedKey: Buffer | null;
  readonly #priorityKey: Buffer | null;
  readonly #spans: Decisions;
  readonly #logs: Decisions;

  readonly #traceState = new TraceState();
  readonly #logState = new LogState();
  readonly #value = new Reader();
  readonly #computed = new Bits56();
  /** Of the item at hand: its random value, where that is from, whether it is written down, and whether anything is. */
  readonly #random = new Bits56();
  #policy = BY_NOTHING;
  #addsRandom = false;
  #isWritten = false;

  constructor(args: Args, spans: Decisions, logs: Decisions) {
    this.#spans = spans;
    this.#logs = logs;
    this.#digits = args.sampling_precision;
    this.#isFailClosed = args.fail_closed;
    this.#seed = args.hash_seed;
    this.#hashesTraceIds = args.attribute_source === 'traceID';
    this.#hashedKey = keyOf(args.from_attribute);
    this.#priorityKey = keyOf(args.sampling_priority);
    // A float32, as in the Collector.
    const percentage = Math.min(100, Math.fround(args.sampling_percentage));
    this.#ratio = Math.max(LEAST_PROBABILITY, percentage / 100);
    // In float32, cut off, so that it is decided as it always was.
    const buckets = Math.trunc(Math.fround(percentage * Math.fround(BUCKETS / 100)));
    this.#mode = percentage === 0 || (args.mode === 'hash_seed' && buckets === 0) ? 'never' : args.mode;
    if (args.mode === 'hash_seed') this.#own.set((BUCKETS - buckets) << 14, 0);
    else this.#own.setProbability(this.#ratio, this.#digits);
  }

  /** Whether the span at hand stays. */
  readonly span = ({ span }: Telemetry): boolean => {
    const asked = span.find(SPAN.attributes, PRIORITY) ? numberIn(span.buf, span.start, span.stop, true) : NaN;
    if (asked === 0) {
      this.#spans.count(BY_PRIORITY, false);
      return false;
    }
    const state = this.#traceState;
    const rate = this.#threshold(span, state, SPAN.traceId, this.#spans);
    if (!(asked > 0)) return this.#settle(span, state, rate, this.#spans);
    this.#policy = BY_PRIORITY;
    return this.#settle(span, state, ALWAYS, this.#spans);
  };

  /** Whether the log record at hand stays. */
  readonly log = ({ log }: Telemetry): boolean => {
    const state = this.#logState;
    const rate = this.#threshold(log, state, LOG_RECORD.traceId, this.#logs);
    if (this.#priorityKey === null || !log.find(LOG_RECORD.attributes, this.#priorityKey))
      return this.#settle(log, state, rate, this.#logs);
    const asked = numberIn(log.buf, log.start, log.stop, false);
    if (!this.#computed.setProbability(asked / 100, this.#digits)) return this.#settle(log, state, rate, this.#logs);
    this.#policy = BY_PRIORITY;
    return this.#settle(log, state, this.#computed, this.#logs);
  };

  /** Draws the random value of an item; the threshold that it is compared with. */
  #threshold(item: Message, state: SamplingState, traceId: number, decisions: Decisions): Bits56 {
    this.#random.copy(LARGEST);
    this.#addsRandom = false;
    this.#isWritten = state.read(item);
    let trouble = this.#isWritten ? NO_TROUBLE : MALFORMED;
    if (this.#mode === 'never') this.#policy = BY_PRIORITY;
    else if (this.#mode === 'hash_seed') trouble = this.#drawHash(item, state, traceId);
    else trouble = this.#draw(item, state, traceId);
    if (trouble === NO_TROUBLE) return this.#ofRate(state);
    decisions.trouble(trouble);
    return this.#isFailClosed ? NEVER : ALWAYS;
  }

  #draw(item: Message, state: SamplingState, traceId: number): number {
    this.#policy = BY_NOTHING;
    if (!this.#isWritten) return MALFORMED;
    if (state.hasRandom) {
      this.#policy = BY_RANDOMNESS;
      this.#random.copy(state.random);
    } else if (this.#locateId(item, traceId)) {
      this.#policy = BY_TRACE_ID;
      randomOfTraceId(item.buf, item.start, this.#random);
    } else return MISSING_RANDOMNESS;
    if (!state.hasThreshold || !this.#random.isBelow(state.threshold)) return NO_TROUBLE;
    state.hasThreshold = false;
    return INCONSISTENT;
  }

  #drawHash(item: Message, state: SamplingState, traceId: number): number {
    this.#policy = BY_NOTHING;
    if ((traceId === SPAN.traceId || this.#hashesTraceIds) && this.#locateId(item, traceId)) {
      this.#policy = BY_TRACE_ID_HASH;
      randomOfHash(seededHash(this.#seed, item.buf, item.start, item.stop), this.#random);
    } else if (traceId === LOG_RECORD.traceId && this.#hashedKey !== null) this.#drawAttribute(item, this.#hashedKey);
    if (!this.#isWritten) return MALFORMED;
    if (state.hasRandom || state.hasThreshold) {
      this.#isWritten = false;
      return state.hasRandom ? RANDOMNESS_IN_USE : THRESHOLD_IN_USE;
    }
    if (this.#policy === BY_NOTHING) return MISSING_RANDOMNESS;
    this.#addsRandom = true;
    return NO_TROUBLE;
  }

  /** By the bytes of a text or of bytes, else by the text of the value. */
  #drawAttribute(record: Message, key: Buffer): void {
    if (!record.find(LOG_RECORD.attributes, key)) return;
    let { buf, start, stop } = record;
    const value = this.#value.reset(buf, start, stop);
    const isBytes =
      value.next() &&
      value.pos === stop &&
      value.wire === LENGTH &&
      (value.field === ANY_VALUE.stringValue || value.field === ANY_VALUE.bytesValue);
    if (isBytes) ({ start, stop } = value);
    else {
      buf = Buffer.from(valueText(buf, start, stop));
      start = 0;
      stop = buf.length;
    }
    if (start === stop) return;
    this.#policy = BY_ATTRIBUTE;
    randomOfHash(seededHash(this.#seed, buf, start, stop), this.#random);
  }

  /** The threshold of the sampling rate. */
  #ofRate(state: SamplingState): Bits56 {
    if (this.#mode === 'never') return NEVER;
    if (this.#mode === 'hash_seed' || !state.hasThreshold) return this.#own;
    if (this.#mode === 'equalizing') return this.#own.isBelow(state.threshold) ? state.threshold : this.#own;
    const probability = state.threshold.probability * this.#ratio;
    return this.#computed.setProbability(probability, this.#digits) ? this.#computed : NEVER;
  }

  #settle(item: Message, state: SamplingState, threshold: Bits56, decisions: Decisions): boolean {
    const sampled = !this.#random.isBelow(threshold);
    decisions.count(this.#policy, sampled);
    // An item stands for no fewer than it did before.
    const raises = state.hasThreshold && threshold.isBelow(state.threshold);
    if (sampled && this.#isWritten && !raises) state.write(item, threshold, this.#addsRandom ? this.#random : null);
    return sampled;
  }

  #locateId(item: Message, field: number): boolean {
    return item.locate(field) && item.stop - item.start === TRACE_ID_BYTES && isTraceId(item.buf, item.start);
  }
}

const keyOf = (name: string): Buffer | null => (name === '' ? null : Buffer.from(name));
