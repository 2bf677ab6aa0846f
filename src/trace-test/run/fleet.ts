/**
 * The workers of a test: whole pipelines, as many as it asks for, in this thread. For main's parts it is the fleet that the supervisor
 * is in a running collector; threads, rings and sockets are what is missing.
 */
import { DEFAULT_RING_BYTES } from '#shared/ring.ts';
import type { Entry, ReceiverEntry } from '#components/kit/component.ts';
import type { Logger } from '#shared/log.ts';
import type { Plan } from '#shared/plan.ts';
import { ThreadMeter, type Registry } from '#shared/registry.ts';
import { HandOvers as Finishing } from '#main/supervisor/hand-overs.ts';
import type { Fleet, HandOverListener, NodeHealth } from '#main/supervisor/fleet.ts';
import { HandOvers } from '#workers/pipeline/hand-overs.ts';
import { Pipeline, type PipelineOptions } from '#workers/pipeline/pipeline.ts';
import type { SteppingClock } from './clock.ts';
import { Door } from './door.ts';

/** As in a worker thread. */
const REMOVED_PART_DEADLINE_MS = 30_000;

export interface LocalFleetOptions {
  readonly workers: number;
  readonly clock: SteppingClock;
  readonly log: Logger;
  readonly registry: Registry;
  readonly load: PipelineOptions['load'];
}

interface Worker {
  readonly pipeline: Pipeline;
  finished(nodeId: string): void;
}

export class LocalFleet implements Fleet {
  readonly ingest = null;
  readonly mergeRequestBytes = DEFAULT_RING_BYTES / 4;
  readonly #clock: SteppingClock;
  readonly #workers: readonly Worker[];
  readonly #finishing: Finishing;
  readonly #door: Door;
  readonly #listeners: ((health: NodeHealth) => void)[] = [];

  constructor(options: LocalFleetOptions) {
    this.#clock = options.clock;
    this.#workers = Array.from({ length: options.workers }, (_, index) => this.#worker(index, options));
    this.#finishing = new Finishing(() => this.#workers);
    this.#door = new Door(this.#workers.map(({ pipeline }) => pipeline));
  }

  async start(plan: Plan): Promise<void> {
    await this.apply(plan);
  }

  async apply(plan: Plan): Promise<void> {
    this.#door.entries = plan.entries;
    for (const { pipeline } of this.#workers) await pipeline.apply(plan, REMOVED_PART_DEADLINE_MS);
  }

  entry(id: string): ReceiverEntry {
    const entry = this.#door.entry(id);
    return {
      admit: (signal) => entry.admit(signal),
      has: (signal) => entry.has(signal),
      offer: (signal, bytes, metadata, done) => {
        this.#clock.stir();
        entry.offer(signal, bytes, metadata, (...answer) => {
          this.#clock.stir();
          done(...answer);
        });
      },
    };
  }

  mergeEntry(nodeId: string): Entry {
    return this.entry(nodeId);
  }

  async harvest(nodeId: string, take: (parcel: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    for (const { pipeline } of this.#workers) {
      // Never while a part is at work on a batch.
      await Promise.resolve();
      for (let parcel = pipeline.harvest(nodeId); parcel !== null; parcel = pipeline.harvest(nodeId)) {
        this.#clock.stir();
        take(parcel);
      }
    }
  }

  onHandOver(listener: HandOverListener): void {
    this.#finishing.listen(listener);
  }

  /** What memory there is says the test. */
  collectGarbage(): void {}

  async stop(deadlineMs: number): Promise<void> {
    await Promise.all(this.#workers.map(({ pipeline }) => pipeline.stop(deadlineMs)));
  }

  onHealth(listener: (health: NodeHealth) => void): void {
    this.#listeners.push(listener);
  }

  #worker(index: number, { workers, clock, log, registry, load }: LocalFleetOptions): Worker {
    const thread = `worker-${index}`;
    const handOvers = new HandOvers((nodeId) => this.#finishing.finishing(this.#workers[index], nodeId), clock);
    const pipeline = new Pipeline({
      workerIndex: index,
      workerCount: workers,
      log,
      clock,
      meter: new ThreadMeter((declaration) => registry.declare(thread, declaration)),
      load,
      health: (nodeId, state, message) => {
        for (const tell of this.#listeners) tell({ nodeId, place: `worker ${index}`, state, message });
      },
      harvestDue: (nodeId) => queueMicrotask(() => this.#finishing.due(nodeId)),
      handOver: (nodeId, deadlineMs) => handOvers.begin(nodeId, deadlineMs),
      gone: () => {},
    });
    return { pipeline, finished: (nodeId) => handOvers.end(nodeId) };
  }
}
