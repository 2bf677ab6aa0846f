/** One destination in one worker: its shards, its bound, its connections. */
import { isDeepStrictEqual } from 'node:util';
import { TENANT_LABEL } from '#codec/loki/fields.ts';
import { labelsText, sortedLabels, type Label } from '#codec/loki/labels.ts';
import { lineBytes, StreamReader } from '#codec/loki/streams.ts';
import { fetchSettings } from '#components/kit/blocks/http-client.ts';
import type { WorkerContext } from '#components/kit/component.ts';
import type { LimitedLog } from '#components/kit/limited-log.ts';
import { HttpPush } from '#net/client/http-push.ts';
import type { FetchSettings } from '#net/client/http-fetch.ts';
import { isSendable } from '#net/client/http-headers.ts';
import { Delivery } from './delivery.ts';
import { Instruments, type Reason } from './instruments.ts';
import type { SealedBatch } from './open-batch.ts';
import type { EndpointArgs } from './schema.ts';
import { Shard } from './shard.ts';

/** Part of a deadline in which a removed endpoint retries as ever; the rest is for the last attempts. */
const PATIENCE = 0.75;

const DROPPED = {
  shutdown: 'log lines are dropped: the time to send them in at the end was too short',
  stream_limited: 'log lines are dropped: a batch has as many streams as max_streams allows',
  queue_is_full: 'log lines are dropped: queue_config.capacity is used up and block_on_overflow is off',
  tenant: 'log lines are dropped: their tenant has characters that no HTTP header can have',
} as const;

/** Arguments with what is made of them; `push`: null = the one that there is serves on. */
export interface Change {
  readonly args: EndpointArgs;
  readonly maxStreams: number;
  readonly settings: FetchSettings;
  readonly push: HttpPush | null;
}

export class Endpoint {
  readonly #ctx: WorkerContext;
  readonly #log: LimitedLog;
  readonly #delivery: Delivery;
  readonly #reader = new StreamReader();
  #shards: readonly Shard[];
  /** Shards of earlier arguments that still hold something. */
  readonly #leaving = new Set<Shard>();
  #args: EndpointArgs;
  #maxStreams: number;
  #settings: FetchSettings;
  #push: HttpPush;
  #count: Instruments;
  /** Clients of earlier settings that still have requests under way. */
  readonly #closing = new Set<HttpPush>();
  #heldBytes = 0;
  #stopped: Promise<void> | null = null;
  #giveUp: (() => void) | null = null;
  /** Of the end; cancelled with it. */
  readonly #timers: (() => void)[] = [];

  /** Throws a MillraceError when the URL or a TLS file cannot be used. `random` draws from [0, 1). */
  constructor(args: EndpointArgs, maxStreams: number, ctx: WorkerContext, log: LimitedLog, random: () => number) {
    this.#ctx = ctx;
    this.#log = log;
    this.#args = args;
    this.#maxStreams = maxStreams;
    this.#settings = fetchSettings(args, process.env);
    this.#push = new HttpPush(args.url, this.#settings, 0, ctx.log, ctx.clock);
    this.#count = new Instruments(ctx.meter, this.#push.host);
    this.#delivery = new Delivery(
      () => ({ args: this.#args, push: this.#push, count: this.#count }),
      log,
      ctx.clock,
      random,
    );
    this.#shards = this.#newShards();
  }

  /** Whether a message of so many bytes may be added. An empty endpoint takes one of any size. */
  hasRoom(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#capacity();
  }

  /** Whether lines without room are refused; otherwise they are dropped. */
  get refuses(): boolean {
    return this.#args.queue_config.block_on_overflow;
  }

  /** What waits for more must not keep the others out. */
  flush(): void {
    for (const shard of this.#shards) shard.flush();
  }

  /** Takes the lines of a message. Throws ProtobufError, before it has taken one, if the message was not checked. */
  add(bytes: Buffer, external: readonly Label[]): void {
    this.#each(bytes, external, (tenant, text, labels, reader) => {
      const { buf, start, stop } = reader;
      const size = lineBytes(buf, start, stop);
      if (tenant !== '' && !isSendable(tenant)) return this.#dropLine(tenant, size, 'ingester_error', 'tenant');
      const shard = this.#shards[this.#shards.length === 1 ? 0 : hash(text) % this.#shards.length];
      const held = shard.add(tenant, text, labels, buf, start, stop, size);
      if (held < 0) return this.#dropLine(tenant, size, 'stream_limited', 'stream_limited');
      this.#heldBytes += held;
      this.#count.held.add(1);
    });
  }

  /** Drops the lines of a message for which there is no room. */
  overflow(bytes: Buffer, external: readonly Label[]): void {
    this.#each(bytes, external, (tenant, _text, _labels, { buf, start, stop }) =>
      this.#dropLine(tenant, lineBytes(buf, start, stop), 'queue_is_full', 'queue_is_full'),
    );
  }

  /** What {@link update} needs for these arguments; nothing has changed yet. Throws as the constructor. */
  prepare(args: EndpointArgs, maxStreams: number): Change {
    const settings = fetchSettings(args, process.env);
    const isSame = args.url === this.#args.url && isDeepStrictEqual(settings, this.#settings);
    const push = isSame ? null : new HttpPush(args.url, settings, 0, this.#ctx.log, this.#ctx.clock);
    return { args, maxStreams, settings, push };
  }

  /** What is held stays held. */
  update({ args, maxStreams, settings, push }: Change): void {
    if (push !== null) {
      const old = this.#push;
      this.#closing.add(old);
      void old.close().then(() => this.#closing.delete(old));
      this.#push = push;
      this.#settings = settings;
      this.#count = new Instruments(this.#ctx.meter, push.host);
    }
    const shards = args.queue_config.min_shards !== this.#args.queue_config.min_shards;
    this.#args = args;
    this.#maxStreams = maxStreams;
    if (!shards) return;
    for (const shard of this.#shards) {
      this.#leaving.add(shard);
      void shard.drain().then(() => this.#leaving.delete(shard));
    }
    this.#shards = this.#newShards();
  }

  /**
   * Sends what is held, for at most `deadlineMs` and `drain_timeout`; then drops the rest, counted. `removed`: goes on retrying
   * for most of that time.
   */
  stop(deadlineMs: number, removed: boolean): Promise<void> {
    if (this.#stopped !== null && this.#giveUp === null) return this.#stopped;
    const waitMs = Math.min(deadlineMs, this.#args.queue_config.drain_timeout);
    if (!removed) this.#delivery.hurry();
    else if (this.#stopped === null) this.#after(waitMs * PATIENCE, () => this.#delivery.hurry());
    // Asked again, with less time: the first deadline that comes counts.
    this.#after(waitMs, () => this.#giveUp?.());
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  #after(ms: number, action: () => void): void {
    this.#timers.push(this.#ctx.clock.after(ms, action));
  }

  async #drain(): Promise<void> {
    const shards = [...this.#shards, ...this.#leaving];
    await new Promise<void>((resolve) => {
      this.#giveUp = resolve;
      void Promise.all(shards.map((shard) => shard.drain())).then(() => resolve());
    });
    this.#giveUp = null;
    for (const cancel of this.#timers) cancel();
    for (const shard of shards) shard.abandon();
    this.#delivery.hurry();
    await Promise.all([this.#push, ...this.#closing].map((push) => push.destroy()));
  }

  /** This worker's part of the configured bound. */
  #capacity(): number {
    return Math.max(1, Math.ceil(this.#args.queue_config.capacity / this.#ctx.workerCount));
  }

  #newShards(): readonly Shard[] {
    const count = Math.max(1, Math.ceil(this.#args.queue_config.min_shards / this.#ctx.workerCount));
    const limits = () => ({
      batchWait: this.#args.batch_wait,
      json: wantsJson(this.#args.headers ?? {}),
      batchSize: this.#args.batch_size,
      maxStreams: this.#maxStreams,
    });
    const hooks = {
      done: (entries: number, heldBytes: number): void => {
        this.#heldBytes -= heldBytes;
        this.#count.held.add(-entries);
      },
      abandoned: (batch: SealedBatch): void => this.#drop(batch),
    };
    return Array.from({ length: count }, () => new Shard(this.#delivery, this.#ctx.clock, limits, hooks));
  }

  #each(
    bytes: Buffer,
    external: readonly Label[],
    visit: (tenant: string, text: string, labels: readonly Label[], reader: StreamReader) => void,
  ): void {
    for (const reader = this.#reader.reset(bytes); reader.next();) {
      const labels = merged(reader.labels(), external);
      const tenant = labels.find(([name]) => name === TENANT_LABEL)?.[1] ?? this.#args.tenant_id ?? '';
      const text = labelsText(labels);
      while (reader.nextEntry()) visit(tenant, text, labels, reader);
    }
  }

  #dropLine(tenant: string, bytes: number, reason: Reason, loss: keyof typeof DROPPED): void {
    const counters = this.#count.of(tenant);
    counters.droppedBytes[reason].add(bytes);
    counters.droppedEntries[reason].add(1);
    this.#count.lost(loss, 1);
    this.#log.event('error', DROPPED[loss], 1, { tenant });
  }

  #drop({ tenant, body, entries }: SealedBatch): void {
    const counters = this.#count.of(tenant);
    counters.droppedBytes.ingester_error.add(body.length);
    counters.droppedEntries.ingester_error.add(entries);
    this.#count.lost('shutdown', entries);
    this.#log.event('error', DROPPED.shutdown, entries, { tenant });
  }
}

/** Both are sorted. What a line has itself counts. */
function merged(labels: readonly Label[], external: readonly Label[]): readonly Label[] {
  if (external.length === 0) return labels;
  return sortedLabels([...external, ...labels]);
}

/** FNV-1a over UTF-16 units: the same stream always goes to the same shard. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

function wantsJson(headers: Readonly<Record<string, string>>): boolean {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return /^application\/json\s*(;|$)/i.test(type);
}
