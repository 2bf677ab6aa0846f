/**
 * Finished spans on their way into the pipeline: kept as bytes, offered together, one request at a time. What does not fit and
 * what the pipeline does not take is dropped and counted; the figures are those of the OpenTelemetry SDK's batch processor,
 * which Alloy uses.
 */
import { Writer } from '#codec/protobuf/writer.ts';
import type { Entry } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import type { Counter, Meter } from '#shared/meter.ts';
import { isAccepted, messageOf, reasonName } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { encodeRequest, writeSpan, type Attributes, type SpanRecord } from './span-encoder.ts';

const MAX_SPANS = 2048;
const OFFER_AT_SPANS = 512;
const OFFER_AFTER_MS = 5000;

export interface SpanQueueOptions {
  readonly entry: Entry;
  readonly resource: Attributes;
  readonly version: string;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Logger;
}

export class SpanQueue {
  readonly #options: SpanQueueOptions;
  readonly #spans = new Writer();
  readonly #sent: Counter;
  #count = 0;
  #inFlight = false;
  /** The last offer was not taken, which has been told. */
  #failing = false;
  #cancel: (() => void) | null = null;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
    this.#sent = options.meter.counter({
      name: 'millrace_tracing_sent_spans_total',
      help: "Spans of millrace's own that the pipeline has taken.",
    });
  }

  add(span: SpanRecord): void {
    if (this.#count >= MAX_SPANS) return this.#dropped('buffer_full', 1);
    writeSpan(this.#spans, span);
    this.#count++;
    if (this.#count >= OFFER_AT_SPANS) this.flush();
    else this.#cancel ??= this.#options.clock.after(OFFER_AFTER_MS, () => this.flush());
  }

  /** Offers what there is, unless an offer is still unanswered; then it goes after that. `last`: whether anybody takes it or not. */
  flush(last = false): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#inFlight || this.#count === 0) return;
    const { entry, resource, version, clock } = this.#options;
    if (!entry.has(TRACES) && !last) {
      // Not yet: the configuration that names the consumers is about to come into force.
      this.#cancel = clock.after(OFFER_AFTER_MS, () => this.flush());
      return;
    }
    const count = this.#count;
    const bytes = encodeRequest(resource, version, this.#spans.finish());
    this.#spans.reset();
    this.#count = 0;
    this.#inFlight = true;
    entry.offer(TRACES, bytes, null, (outcome) => {
      this.#inFlight = false;
      if (isAccepted(outcome)) {
        this.#sent.add(count);
        this.#failing = false;
      } else {
        this.#dropped(reasonName(outcome), count);
        if (!this.#failing)
          this.#options.log.warn("the pipeline does not take millrace's own traces; they are dropped and counted", {
            err: messageOf(outcome),
          });
        this.#failing = true;
      }
      if (this.#count > 0) this.flush();
    });
  }

  #dropped(reason: string, spans: number): void {
    this.#options.meter
      .counter(
        { name: 'millrace_tracing_dropped_spans_total', help: "Spans of millrace's own that were dropped, by reason." },
        { reason },
      )
      .add(spans);
  }
}
