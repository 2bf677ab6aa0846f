/**
 * What the receiver counts, per transport (semantics 1.5; Collector receiver/receiverhelper): items by what became of them,
 * and requests by outcome. `refused` = the pipeline said no, `failure` = the request was no good.
 */
import type { Counter, Meter } from '#shared/meter.ts';
import { isAccepted, Outcome } from '#shared/outcome.ts';
import { ITEM_WORDS, SIGNALS, type Signal } from '#shared/signal.ts';

export class ReceiverCounters {
  readonly #accepted: readonly Counter[];
  readonly #refused: readonly Counter[];
  readonly #success: Counter;
  readonly #refusedRequests: Counter;
  readonly #failure: Counter;

  constructor(meter: Meter, id: string, transport: 'grpc' | 'http') {
    // The Collector's id of a receiver that Alloy makes: the type, a slash, the component's id.
    const labels = { receiver: `otlp/${id}`, transport };
    const items = (what: string, help: string): Counter[] =>
      SIGNALS.map((signal) =>
        meter.counter(
          { name: `otelcol_receiver_${what}_${ITEM_WORDS[signal]}_total`, help: help.replace('%', itemName(signal)) },
          labels,
        ),
      );
    this.#accepted = items('accepted', 'Number of % successfully pushed into the pipeline.');
    this.#refused = items('refused', 'Number of % that could not be pushed into the pipeline.');
    // A request that is not well-formed has no countable items, so this stays 0; it is there because dashboards ask for it.
    items('failed', 'Number of % that the receiver itself failed to process.');
    const requests = (outcome: string): Counter =>
      meter.counter(
        { name: 'otelcol_receiver_requests_total', help: 'The number of requests performed.' },
        { ...labels, outcome },
      );
    this.#success = requests('success');
    this.#refusedRequests = requests('refused');
    this.#failure = requests('failure');
  }

  /** The pipeline has answered. Requests without items are not counted. */
  answered(signal: Signal, outcome: Outcome, items: number): void {
    if (isAccepted(outcome)) {
      if (items === 0) return;
      this.#accepted[signal].add(items);
      this.#success.add(1);
    } else if (outcome === Outcome.malformed) {
      this.#failure.add(1);
    } else {
      this.#refused[signal].add(items);
      this.#refusedRequests.add(1);
    }
  }

  /** The pipeline would take nothing, so the request was not read: what it held is not known. */
  turnedAway(): void {
    this.#refusedRequests.add(1);
  }

  /** The request did not get as far as the pipeline. */
  failed(): void {
    this.#failure.add(1);
  }
}

const itemName = (signal: Signal): string => ITEM_WORDS[signal].replace('_', ' ');
