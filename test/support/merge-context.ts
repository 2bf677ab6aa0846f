/** Everything a merge part gets, faked: parcels wait in `parcels` until it harvests, requests go to a consumer that is told what to say. */
import type { Entry, MergeContext } from '#components/kit/component.ts';
import { Outcome } from '#shared/outcome.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { FakeMeter } from './fake-meter.ts';
import { RecordingLog } from './recording-log.ts';

export class TestMergeContext implements MergeContext {
  readonly id = 'otelcol.connector.spanmetrics.default';
  readonly clock = new FakeClock();
  readonly meter = new FakeMeter();
  readonly log = new RecordingLog();
  readonly health = (): void => {};
  /** What the next harvest brings. */
  readonly parcels: Uint8Array<ArrayBuffer>[] = [];
  /** Where parcels go. */
  merge: (parcel: Uint8Array<ArrayBuffer>) => void = () => {};
  harvests = 0;
  /** Requests that were accepted, and how many were offered. */
  readonly taken: Buffer[] = [];
  offers = 0;
  /** Offers that have not been answered, and the most there were at once. */
  unanswered = 0;
  mostUnanswered = 0;
  /** Says what becomes of an offer; null = no answer until {@link answer}. */
  outcome: () => Outcome | null = () => Outcome.accepted;
  requestBytes = 1 << 30;
  /** Whether anybody takes metrics. */
  consumers = true;
  readonly #waiting: ((outcome: Outcome) => void)[] = [];

  readonly harvest = async (): Promise<void> => {
    this.harvests++;
    await settle();
    for (const parcel of this.parcels.splice(0)) this.merge(parcel);
  };

  readonly entry: Entry = {
    has: () => this.consumers,
    offer: (_signal, bytes, _metadata, done) => {
      this.offers++;
      this.mostUnanswered = Math.max(this.mostUnanswered, ++this.unanswered);
      const copy = Buffer.from(bytes);
      const answer = (outcome: Outcome): void => {
        this.unanswered--;
        if (outcome === Outcome.accepted) this.taken.push(copy);
        done(outcome, 1);
      };
      const outcome = this.outcome();
      if (outcome === null) this.#waiting.push(answer);
      else answer(outcome);
    },
  };

  /** Answers what waits. */
  answer(outcome: Outcome): void {
    for (const waiting of this.#waiting.splice(0)) waiting(outcome);
  }
}
