/**
 * The rings of the process: a pair for each producer (main, or the ingest threads) and each worker. A pair lives as long as both
 * its threads do; what replaces one of them gets a fresh pair.
 */
import type { RingPair } from '#shared/control.ts';
import type { Meter } from '#shared/meter.ts';
import { ringCapacity, ringUsedBytes } from '#shared/ring.ts';
import { createRingPair } from '#shard/producer.ts';

export class RingTable {
  readonly #producers: readonly string[];
  readonly #ringBytes: number;
  /** By producer and worker; null while one of the two is down. */
  readonly #pairs: (RingPair | null)[][];

  /** `producers`: their names; one without a name is the only one. */
  constructor(producers: readonly string[], workers: number, ringBytes: number) {
    this.#producers = producers;
    this.#ringBytes = ringBytes;
    this.#pairs = producers.map(() => new Array<RingPair | null>(workers).fill(null));
  }

  /** Both threads run: the rings between them, unused. */
  connect(producer: number, worker: number): RingPair {
    return (this.#pairs[producer][worker] = createRingPair(this.#ringBytes));
  }

  producerGone(producer: number): void {
    this.#pairs[producer].fill(null);
  }

  workerGone(worker: number): void {
    for (const ofProducer of this.#pairs) ofProducer[worker] = null;
  }

  publish(meter: Meter): void {
    this.#pairs.forEach((ofProducer, producer) => {
      const name = this.#producers[producer];
      ofProducer.forEach((pair, worker) => {
        const labels = { worker: String(worker), ...(name === '' ? {} : { producer: name }) };
        meter
          .gauge({ name: 'millrace_ring_used_bytes', help: 'Bytes in the ring from a producer to a worker.' }, labels)
          .set(pair === null ? 0 : ringUsedBytes(pair.frames));
        meter
          .gauge(
            { name: 'millrace_ring_capacity_bytes', help: 'Capacity of the ring from a producer to a worker.' },
            labels,
          )
          .set(pair === null ? 0 : ringCapacity(pair.frames));
      });
    });
  }
}
