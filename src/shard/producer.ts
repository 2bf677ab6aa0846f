/**
 * One thread's way into the workers: a pair of rings to each of them, the requests that wait for their answers, and the entries
 * of receivers. Main has one; with `--ingest-threads` each of those threads too, and main's is for what it makes itself.
 */
import type { ReceiverEntry } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import type { RingPair } from '#shared/control.ts';
import { Gate } from '#shared/gate.ts';
import type { Counter, Meter } from '#shared/meter.ts';
import { isAccepted, Outcome } from '#shared/outcome.ts';
import type { PlanEntry } from '#shared/plan.ts';
import { createRing, RingReader, RingWriter } from '#shared/ring.ts';
import { SIGNALS, SIGNAL_NAMES, type Signal } from '#shared/signal.ts';
import { AckLatency } from './ack-latency.ts';
import { Admission } from './admission.ts';
import { readAnswers } from './answers.ts';
import { Congestion } from './congestion.ts';
import { Refusals } from './refusals.ts';
import { MAX_REQUESTS_IN_FLIGHT, RequestTable } from './requests.ts';
import { Turn } from './turn.ts';

/** An answer takes 16 bytes in the ring, and a worker never owes more answers than there are requests in flight. */
const ANSWER_RING_BYTES = MAX_REQUESTS_IN_FLIGHT * 16 * 2;

/** Fresh rings between one producer and one worker. Their memory becomes resident only where it is written. */
export function createRingPair(ringBytes: number): RingPair {
  return { frames: createRing(ringBytes), answers: createRing(ANSWER_RING_BYTES) };
}

export interface ProducerOptions {
  readonly workers: number;
  readonly clock: Clock;
  readonly meter: Meter;
  /** One of several: the label of what cannot be summed over threads. null: the only one. */
  readonly thread: string | null;
  /** Counts what is offered. */
  readonly offered?: Counter;
}

export class Producer {
  readonly #meter: Meter;
  /** For what is this thread's alone. */
  readonly #ownMeter: Meter;
  readonly #offered: Counter | undefined;
  readonly #requests: RequestTable;
  readonly #admission: Admission;
  readonly #latency: AckLatency;
  readonly #refused: (outcome: Outcome) => void;
  readonly #turn = new Turn();
  /** By worker; null while it is down. */
  readonly #answers: ({ stop(): void } | null)[];
  #entries: readonly PlanEntry[] = [];

  constructor({ workers, clock, meter, thread, offered }: ProducerOptions) {
    this.#meter = meter;
    this.#ownMeter = thread === null ? meter : meter.with({ thread });
    this.#offered = offered;
    this.#latency = new AckLatency(clock);
    const refusals = new Refusals(meter);
    const refused = (outcome: Outcome): void => refusals.count(outcome);
    this.#refused = refused;
    const nowMs = (): number => clock.monotonicMs();
    const congestion = new Congestion(workers, nowMs);
    this.#requests = new RequestTable(workers, nowMs, congestion, (ms, outcome) => {
      this.#latency.observeMs(ms);
      if (!isAccepted(outcome)) refused(outcome);
    });
    this.#admission = new Admission(workers, this.#requests, congestion, this.#turn, refused);
    this.#answers = new Array<{ stop(): void } | null>(workers).fill(null);
  }

  /** A worker is there (again), with rings that nobody has used. */
  attach(worker: number, { frames, answers }: RingPair): void {
    this.#admission.attach(worker, new RingWriter(frames));
    this.#answers[worker] = readAnswers(new RingReader(answers), worker, this.#requests, this.#turn);
  }

  /**
   * A worker is gone: the answers that it still gave are taken, the others are `worker_lost`, and what would go to it is refused.
   * @returns how many requests it left without an answer.
   */
  detach(worker: number): number {
    this.#answers[worker]?.stop();
    this.#answers[worker] = null;
    this.#admission.detach(worker);
    return this.#requests.lose(worker, Outcome.workerLost);
  }

  /** What receivers there are from now on, and which signals somebody takes from them. */
  setEntries(entries: readonly PlanEntry[]): void {
    this.#entries = entries;
  }

  /** The entry of a receiver. It stays valid over {@link setEntries} as long as the id is named there. */
  entry(receiverId: string): ReceiverEntry {
    const find = (): PlanEntry | undefined => this.#entries.find((e) => e.id === receiverId);
    let seen = this.#entries;
    let entry = find();
    let gates = gatesOf(entry);
    const present = (): PlanEntry | undefined => {
      if (seen !== this.#entries) {
        seen = this.#entries;
        entry = find();
        gates = gatesOf(entry);
      }
      return entry;
    };
    return {
      // Of a receiver that a reload has taken away the last requests are refused, not turned away for good.
      has: (signal: Signal) => (present()?.next[SIGNAL_NAMES[signal]].length ?? 1) > 0,
      admit: (signal) => {
        present();
        const refusal = refusalOf(gates[signal]);
        if (refusal === Outcome.accepted) return refusal;
        this.#offered?.add(1);
        this.#refused(refusal);
        return refusal;
      },
      offer: (signal, bytes, metadata, done) => {
        this.#offered?.add(1);
        const to = present();
        if (to === undefined) done(Outcome.notReady, 0);
        else this.#admission.offer(to.index, signal, bytes, metadata, done);
      },
    };
  }

  /** Refuses everything from now on, but for what merge parts bring in. */
  close(): void {
    this.#admission.close((index) => this.#entries.some((entry) => entry.index === index && entry.merged === true));
  }

  /** Sets the gauges that are worked out on demand. */
  publish(): void {
    this.#latency.publish(this.#ownMeter);
    this.#meter
      .gauge({ name: 'millrace_requests_in_flight', help: 'Requests offered to the pipeline and not answered yet.' })
      .set(this.#requests.inFlight);
  }
}

/** By signal: the gates that it cannot get around; none where there is a way that has no gate. */
function gatesOf(entry: PlanEntry | undefined): readonly (readonly Gate[])[] {
  return SIGNALS.map((signal) => (entry?.gates?.[SIGNAL_NAMES[signal]] ?? []).map((memory) => new Gate(memory)));
}

function refusalOf(gates: readonly Gate[]): Outcome {
  let refusal: Outcome = Outcome.accepted;
  for (const gate of gates) {
    refusal = gate.refusal;
    if (refusal === Outcome.accepted) return refusal;
  }
  return refusal;
}
