/**
 * The door: takes a request apart by trace ID and writes one frame into the ring of each worker that gets a part.
 *
 * All or nothing: room in every target ring is reserved before anything is visible to a worker, so a refused request has
 * left no trace and its sender may send it again. One per thread that accepts; nothing is allocated per span.
 */
import { countItems } from '#codec/otlp/count.ts';
import { ItemIndex } from '#codec/otlp/item-index.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { copyAll } from '#components/kit/copy.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { ShardPlan } from '#codec/otlp/shard.ts';
import { encodeMetadata, frameBytes, writeFrame } from '#shared/frame.ts';
import type { Metadata } from '#shared/metadata.ts';
import { Outcome } from '#shared/outcome.ts';
import type { RingWriter } from '#shared/ring.ts';
import type { Signal } from '#shared/signal.ts';
import { doorOf, NO_DOOR, type Congestion } from './congestion.ts';
import type { Done, RequestTable } from './requests.ts';
import type { Turn } from './turn.ts';

export class Admission {
  /** By worker; null while a worker is down. */
  readonly #rings: (RingWriter | null)[];
  /** Where the payload of each worker's reserved frame starts in its record. */
  readonly #reserved: Int32Array;
  readonly #requests: RequestTable;
  readonly #congestion: Congestion;
  readonly #turn: Turn;
  readonly #index = new ItemIndex();
  readonly #shards = new ShardPlan();
  readonly #refused: (outcome: Outcome) => void;
  /** Entries that go on when all others are closed. */
  #isOpen: (entry: number) => boolean = () => true;
  /** What becomes of frames for a worker that is gone. */
  #gone = Outcome.workerLost;

  /** `refused` hears of each request that is turned away here, before its sender does. */
  constructor(
    workers: number,
    requests: RequestTable,
    congestion: Congestion,
    turn: Turn,
    refused: (outcome: Outcome) => void = () => {},
  ) {
    this.#rings = new Array<RingWriter | null>(workers).fill(null);
    this.#reserved = new Int32Array(workers);
    this.#requests = requests;
    this.#congestion = congestion;
    this.#turn = turn;
    this.#refused = refused;
  }

  /** A worker is there (again): its frames go into `ring`. */
  attach(worker: number, ring: RingWriter): void {
    this.#rings[worker] = ring;
  }

  /** A worker is gone: what would go to it is refused. */
  detach(worker: number): void {
    this.#rings[worker] = null;
  }

  /** Refuses everything from now on but for these entries. A worker that is gone does not come back after that. */
  close(isOpen: (entry: number) => boolean = () => false): void {
    this.#isOpen = isOpen;
    this.#gone = Outcome.stopping;
  }

  /** See `Entry.offer`. `entry` is the index that the plan gave the receiver. */
  offer(entry: number, signal: Signal, bytes: Buffer, metadata: Metadata | null, done: Done): void {
    const workers = this.#rings.length;
    const door = metadata === null ? doorOf(entry, signal) : NO_DOOR;
    const isOpen = this.#isOpen(entry);
    if (workers === 1 && isOpen) {
      const refusal = this.#congestion.check(door, 0);
      if (refusal !== Outcome.accepted) return this.#refuseUnread(signal, bytes, refusal, done);
    }
    const items = scan(signal, bytes, 0, bytes.length, workers === 1 ? null : this.#index);
    if (items === 0) return done(Outcome.accepted, 0);
    if (items < 0) return this.#refuse(done, Outcome.malformed, 0, scanError());
    if (!isOpen) return this.#refuse(done, Outcome.stopping, items);
    const slot = this.#requests.open(items, door, done);
    if (slot < 0) return this.#refuse(done, Outcome.tooManyRequests, items);
    const head = encodeMetadata(metadata);
    const refusal =
      workers === 1
        ? this.#offerWhole(slot, entry, signal, bytes, items, head)
        : this.#offerParts(slot, entry, signal, door, bytes, head);
    if (refusal === Outcome.accepted) return;
    this.#requests.cancel(slot);
    this.#refuse(done, refusal, items);
  }

  /** Refuses what would be refused further down, without checking it: it is only counted. */
  #refuseUnread(signal: Signal, bytes: Buffer, refusal: Outcome, done: Done): void {
    let items: number;
    try {
      items = countItems(signal, bytes);
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      // What is wrong with it, and where, is what scan says.
      scan(signal, bytes, 0, bytes.length, null);
      return this.#refuse(done, Outcome.malformed, 0, scanError());
    }
    if (items === 0) done(Outcome.accepted, 0);
    else this.#refuse(done, refusal, items);
  }

  #refuse(done: Done, outcome: Outcome, items: number, detail?: string): void {
    this.#refused(outcome);
    done(outcome, items, detail);
  }

  #offerWhole(slot: number, entry: number, signal: Signal, bytes: Buffer, items: number, head: Buffer | null): Outcome {
    const refusal = this.#reserve(0, head, bytes.length);
    if (refusal !== Outcome.accepted) return refusal;
    const ring = this.#rings[0] as RingWriter;
    const at = writeFrame(ring, this.#reserved[0], signal, entry, slot, items, head, bytes.byteOffset, bytes.length);
    copyAll(bytes, ring.data, at);
    this.#requests.expect(slot, 0);
    this.#publish(0);
    return Outcome.accepted;
  }

  #offerParts(slot: number, entry: number, signal: Signal, door: number, bytes: Buffer, head: Buffer | null): Outcome {
    const workers = this.#rings.length;
    const shards = this.#shards;
    shards.build(this.#index, workers);
    for (let w = 0; w < workers; w++) {
      const size = shards.size(w);
      if (size === 0) continue;
      // A reservation that is not committed needs no undoing: the ring forgets it.
      const closed = this.#congestion.check(door, w);
      const refusal = closed === Outcome.accepted ? this.#reserve(w, head, size) : closed;
      if (refusal !== Outcome.accepted) return refusal;
    }
    for (let w = 0; w < workers; w++) {
      const size = shards.size(w);
      if (size === 0) continue;
      const ring = this.#rings[w] as RingWriter;
      const at = writeFrame(
        ring,
        this.#reserved[w],
        signal,
        entry,
        slot,
        shards.items(w),
        head,
        bytes.byteOffset,
        size,
      );
      shards.write(w, bytes, ring.data, at);
      this.#requests.expect(slot, w);
    }
    for (let w = 0; w < workers; w++) if (shards.size(w) > 0) this.#publish(w);
    return Outcome.accepted;
  }

  #reserve(worker: number, head: Buffer | null, payloadBytes: number): Outcome {
    const ring = this.#rings[worker];
    if (ring === null) return this.#gone;
    const length = frameBytes(head === null ? 0 : head.length, payloadBytes);
    if (length > ring.maxContentBytes) return Outcome.tooLarge;
    const at = ring.reserve(length);
    if (at < 0) return Outcome.ringFull;
    this.#reserved[worker] = at;
    return Outcome.accepted;
  }

  #publish(worker: number): void {
    const ring = this.#rings[worker] as RingWriter;
    ring.commit();
    this.#turn.ringLater(ring);
  }
}
