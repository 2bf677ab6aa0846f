/** One endpoint in one worker: labels for it, its shards, its metadata, its connections. */
import { isDeepStrictEqual } from 'node:util';
import { labelsHash } from '#codec/prometheus/labels.ts';
import { type Leave, measure, SeriesView, WriteRequestWalk } from '#codec/prometheus/write-request.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import { fetchSettings } from '#components/kit/blocks/http-client.ts';
import type { WorkerContext } from '#components/kit/component.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import type { Answer } from '#components/kit/push/answer.ts';
import { type Fate, LabelCache } from '#components/kit/relabel/label-cache.ts';
import { byName, type Label } from '#components/kit/relabel/labels.ts';
import { Relabeler } from '#components/kit/relabel/relabeler.ts';
import type { FetchSettings } from '#net/client/http-fetch.ts';
import { HttpPush } from '#net/client/http-push.ts';
import { compressSnappyBlock } from '#net/compression/snappy.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';
import { type Chunk, type Counts, difference, itemsOf, type LabelRange, withoutOld } from './chunk.ts';
import { endpointInstruments, type EndpointInstruments, type LossReason } from './instruments.ts';
import { LastTimes, type Noted } from './last-times.ts';
import { MetadataStore } from './metadata.ts';
import { Backoff, Patience } from './patience.ts';
import type { EndpointArgs } from './schema.ts';
import { Sender } from './sender.ts';
import { limitsOf, Shards, type Work } from './shards.ts';

/** Label sets whose result is remembered, in all workers together. */
const CACHED_SETS = 100_000;
/** From then on an endpoint that takes nothing is down. */
const DOWN_AFTER_MS = 30_000;
/** Part of a removed endpoint's deadline in which it retries as ever; the rest is for the last attempts. */
const PATIENCE = 0.75;

export type ExternalLabels = Readonly<Record<string, string>>;

export interface EndpointIdentity {
  /** `remote_name` of the metrics. */
  readonly name: string;
  /** As metrics and logs show it. */
  readonly url: string;
}

/** Settings that have been found good and wait for {@link Endpoint.update}, or for {@link Endpoint.discard}. */
export interface Prepared {
  readonly args: EndpointArgs;
  readonly external: ExternalLabels;
  readonly connection: FetchSettings;
  /** null: connections stay. */
  readonly push: HttpPush | null;
}

export class Endpoint implements Consumer<Flow> {
  readonly #ctx: WorkerContext;
  readonly #log: LimitedLog;
  readonly #fields: { readonly remote_name: string; readonly url: string };
  readonly #count: EndpointInstruments;
  readonly #shards: Shards;
  readonly #patience: Patience;
  readonly #metadata = new MetadataStore();
  readonly #lastTimes = new LastTimes();
  readonly #walk = new WriteRequestWalk();
  readonly #series = new SeriesView();
  #args: EndpointArgs;
  #external: ExternalLabels;
  #connection: FetchSettings;
  #push: HttpPush;
  #sender: Sender;
  /** null: labels leave as they come. */
  #labels: LabelCache | null;
  /** Connections of earlier settings that still have requests under way. */
  readonly #leaving = new Set<HttpPush>();
  #cancelMetadata: (() => void) | null = null;
  #sendingMetadata = false;
  #toldOfHistograms = false;
  #started = false;
  #stopped: Promise<void> | null = null;
  /** Ends the waiting of {@link #drain}; null when nobody waits. */
  #giveUp: (() => void) | null = null;
  readonly #deadlines = new Set<() => void>();
  #before: Promise<unknown> | null = null;
  /** Monotonic: when a request was done with last, or there was nothing to send. */
  #movedMs: number;

  /** Throws a MillraceError for a TLS file that cannot be used. */
  constructor(identity: EndpointIdentity, args: EndpointArgs, external: ExternalLabels, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#movedMs = ctx.clock.monotonicMs();
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#fields = { remote_name: identity.name, url: identity.url };
    this.#count = endpointInstruments(ctx.meter, this.#fields);
    this.#args = args;
    this.#external = external;
    this.#connection = fetchSettings(args, process.env);
    this.#push = connect(args.url, this.#connection, ctx);
    this.#sender = new Sender(this.#push, args, ctx.clock);
    this.#labels = labelCache(args, external, ctx.workerCount);
    this.#patience = new Patience(ctx.clock);
    this.#shards = new Shards(limitsOf(args.queue_config, ctx.workerCount), ctx.clock, this.#count, {
      send: (work) => this.#send(work),
    });
  }

  /** Where series go. */
  get url(): string {
    return this.#args.url;
  }

  /** Nothing is sent before `before` has settled: what went to the same place until now. */
  start(before: Promise<unknown> | null = null): void {
    if (this.#started || this.#stopped !== null) return;
    this.#started = true;
    this.#before = before;
    this.#shards.start();
    this.#metadataLater();
  }

  /** Throws a MillraceError for settings that cannot be; then nothing has changed. */
  prepare(args: EndpointArgs, external: ExternalLabels): Prepared {
    const connection = fetchSettings(args, process.env);
    const stays = isDeepStrictEqual(connection, this.#connection) && args.url === this.#args.url;
    return { args, external, connection, push: stays ? null : connect(args.url, connection, this.#ctx) };
  }

  discard({ push }: Prepared): void {
    void push?.destroy();
  }

  /** What waits stays and leaves with the new settings. */
  update({ args, external, connection, push }: Prepared): void {
    const was = this.#args;
    if (push !== null) {
      const old = this.#push;
      this.#push = push;
      this.#connection = connection;
      this.#leaving.add(old);
      void old.close().then(() => this.#leaving.delete(old));
    }
    this.#args = args;
    this.#sender = new Sender(this.#push, args, this.#ctx.clock);
    const labels = (a: EndpointArgs, e: ExternalLabels): unknown => [a.write_relabel_config, e];
    if (!isDeepStrictEqual(labels(args, external), labels(was, this.#external)))
      this.#labels = labelCache(args, external, this.#ctx.workerCount);
    this.#external = external;
    this.#shards.update(limitsOf(args.queue_config, this.#ctx.workerCount));
    if (this.#started) this.#metadataLater();
  }

  /** A valid WriteRequest, read before this returns. */
  consume(batch: Batch<Flow>): Outcome {
    if (this.#stopped !== null) return Outcome.stopping;
    if (this.#shards.isFull) {
      this.#shards.flush();
      this.#count.enqueueRetries.add(1);
      return Outcome.queueFull;
    }
    const { clock } = this.#ctx;
    const { send_exemplars, send_native_histograms, metadata_config } = this.#args;
    const now = clock.monotonicMs();
    if (this.#shards.items === 0) this.#movedMs = now;
    const leave: Leave = {
      exemplars: !send_exemplars,
      histograms: !send_native_histograms,
      beforeMs: this.#oldestMs(),
    };
    const { bytes } = batch;
    for (const walk = this.#walk.reset(bytes); walk.next();) {
      if (walk.isSeries) this.#append(this.#series.reset(bytes, walk.start, walk.stop), leave, now);
      else if (metadata_config.send) this.#metadata.note(bytes, walk.start, walk.stop, now);
    }
    batch.release?.();
    return Outcome.accepted;
  }

  /** It has data, and for a while nothing has become of any. */
  get isDown(): boolean {
    return this.#shards.items > 0 && this.#ctx.clock.monotonicMs() - this.#movedMs >= DOWN_AFTER_MS;
  }

  /** A valid WriteRequest that it has refused is not offered again: others have it, and shall not wait. */
  miss({ bytes, items }: Batch<Flow>): void {
    this.#count.dropped.queue_full.add(measure(bytes));
    this.#count.lost.queue_full.add(items);
    this.#log.event('error', 'queue is full, data is dropped for this endpoint; others get it', items, this.#fields);
  }

  /**
   * Takes nothing more, and resolves when all is sent, or after `deadlineMs` with the rest dropped and counted. Each request has one
   * more attempt; `removed`: for most of the deadline it is retried as ever first. Of several calls the earliest deadline counts.
   */
  stop(deadlineMs: number, removed: boolean): Promise<void> {
    if (!removed) this.#patience.end();
    if (this.#stopped === null) this.#stopped = this.#drain(deadlineMs, removed);
    else if (this.#giveUp !== null) this.#endAfter(deadlineMs);
    return this.#stopped;
  }

  async #drain(deadlineMs: number, removed: boolean): Promise<void> {
    this.#cancelMetadata?.();
    if (removed) this.#deadlines.add(this.#ctx.clock.after(deadlineMs * PATIENCE, () => this.#patience.end()));
    const drained = this.#shards.drain();
    await new Promise<void>((resolve) => {
      this.#giveUp = resolve;
      this.#endAfter(deadlineMs);
      void drained.then(resolve);
    });
    for (const cancel of this.#deadlines) cancel();
    this.#deadlines.clear();
    this.#giveUp = null;
    this.#patience.end();
    for (const chunk of this.#shards.abandon()) this.#lost(chunk, 'shutdown', null);
    await Promise.all([this.#push, ...this.#leaving].map((push) => push.destroy()));
    this.#log.flush();
  }

  #endAfter(deadlineMs: number): void {
    const cancel = this.#ctx.clock.after(deadlineMs, () => {
      this.#deadlines.delete(cancel);
      this.#giveUp?.();
    });
    this.#deadlines.add(cancel);
  }

  #oldestMs(): number {
    const { sample_age_limit: limitMs } = this.#args.queue_config;
    return limitMs > 0 ? this.#ctx.clock.now() - limitMs : -Infinity;
  }

  #append(series: SeriesView, leave: Leave, now: number): void {
    const { samples, exemplars, histograms, buf } = series;
    const fate = this.#fateOf(series, now);
    if (series.stale) this.#labels?.forget(series);
    if (fate === UNREADABLE) {
      this.#count.dropped.malformed.add(series);
      this.#count.lost.malformed.add(series.items);
      return;
    }
    if (fate.kind === 'dropped') return this.#count.dropped.dropped_series.add({ samples, exemplars, histograms });
    const labels =
      fate.kind === 'changed'
        ? { buf: fate.bytes, start: 0, stop: fate.bytes.length }
        : { buf, start: series.labelsStart, stop: series.labelsStop };
    const noted = this.#note(series, labels, fate.hash);
    if (noted === 'repeated') return this.#count.dropped.repeated.add({ samples, exemplars, histograms });
    if (noted === 'conflicting') return this.#conflict({ samples, exemplars, histograms });
    this.#shards.append(series, labels, fate.hash, leave);
    const { appendedSamples, appendedExemplars, appendedHistograms } = this.#shards;
    // They go with what they belong to.
    const gone = leave.exemplars ? 0 : exemplars - appendedExemplars;
    const isOff = leave.histograms && histograms > 0;
    if (isOff) this.#histogramsOff(histograms, samples === 0 ? gone : 0);
    const old = {
      samples: samples - appendedSamples,
      exemplars: isOff && samples === 0 ? 0 : gone,
      histograms: isOff ? 0 : histograms - appendedHistograms,
    };
    if (itemsOf(old) === 0) return;
    this.#count.dropped.too_old.add(old);
    this.#count.lost.too_old.add(itemsOf(old));
  }

  /**
   * No server takes two values of one time, and Prometheus rejects the whole request that brings the second: the first one counts. They
   * come from resources that have the same labels, and from rules that make series the same. The very same sample comes again when part
   * of a batch was refused and its sender offers all of it; then nothing is lost. Series of several samples are let through.
   */
  #note(
    { buf: own, labelsStop, start: from, stop: to, items, newestMs }: SeriesView,
    labels: LabelRange,
    low: number,
  ): Noted {
    if (items === 0) return 'new';
    const high = labelsHash(labels.buf, labels.start, labels.stop, SECOND_HASH);
    const noted = this.#lastTimes.note(high, low, newestMs, labelsHash(own, labelsStop < 0 ? from : labelsStop, to));
    return items === 1 ? noted : 'new';
  }

  #conflict(counts: Counts): void {
    this.#count.dropped.duplicate.add(counts);
    this.#count.lost.duplicate.add(itemsOf(counts));
    this.#log.event('warn', CONFLICT, itemsOf(counts), this.#fields);
  }

  #fateOf(series: SeriesView, now: number): Fate {
    const { buf, labelsStart, labelsStop } = series;
    if (this.#labels !== null || labelsStop < 0) {
      try {
        return (this.#labels ?? AS_THEY_ARE).fateOf(series, now);
      } catch (thrown) {
        if (thrown instanceof ProtobufError) return UNREADABLE;
        throw thrown;
      }
    }
    return { kind: 'same', bytes: buf, hash: labelsHash(buf, labelsStart, labelsStop) };
  }

  #histogramsOff(histograms: number, exemplars: number): void {
    this.#count.dropped.native_histograms_off.add({ samples: 0, exemplars, histograms });
    if (this.#toldOfHistograms) return;
    this.#toldOfHistograms = true;
    this.#ctx.log.warn('native histograms come in and are not sent: send_native_histograms is off', this.#fields);
  }

  async #send(work: Work): Promise<void> {
    await this.#before;
    if (work.abandoned) return;
    const backoff = new Backoff();
    let body: Buffer | null = null;
    for (let attempt = 0; ; attempt++) {
      if (this.#leaveOld(work)) body = null;
      const { chunk } = work;
      if (chunk.bytes.length === 0) return;
      body ??= compressSnappyBlock(chunk.bytes);
      const answer = await this.#attempt(body, attempt);
      if (work.abandoned) return;
      if (answer.kind !== 'retry') this.#movedMs = this.#ctx.clock.monotonicMs();
      if (answer.kind === 'ok') return this.#sent(chunk, body);
      if (answer.kind === 'permanent') return this.#lost(chunk, 'rejected', answer);
      this.#count.retried.add(chunk);
      if (this.#patience.isOver) return this.#lost(chunk, 'shutdown', answer);
      const waitMs = backoff.next(this.#args.queue_config, answer.retryAfterMs);
      this.#logRetry(itemsOf(chunk), answer, waitMs);
      await this.#patience.wait(waitMs);
      if (work.abandoned) return;
    }
  }

  async #attempt(body: Buffer, attempt: number): Promise<Answer> {
    const { clock } = this.#ctx;
    const beginMs = clock.monotonicMs();
    const answer = await this.#sender.send(body, attempt);
    this.#count.duration.observe((clock.monotonicMs() - beginMs) / 1000);
    return answer;
  }

  #sent(chunk: Chunk, body: Buffer): void {
    this.#count.sent.add(chunk);
    this.#count.bytes.add(body.length);
    const { highestSent } = this.#count;
    if (chunk.newestMs / 1000 > highestSent.value) highestSent.set(chunk.newestMs / 1000);
  }

  /** Whether something has become too old. */
  #leaveOld(work: Work): boolean {
    const young = withoutOld(work.chunk, this.#oldestMs());
    if (young === work.chunk) return false;
    const gone = difference(work.chunk, young);
    this.#shards.shrink(work, young);
    this.#count.dropped.too_old.add(gone);
    this.#count.lost.too_old.add(itemsOf(gone));
    return true;
  }

  #lost(chunk: Counts, reason: LossReason, answer: Answer | null): void {
    this.#count.failed.add(chunk);
    this.#count.lost[reason].add(itemsOf(chunk));
    const why = answer === null ? {} : { error: answer.message };
    this.#log.event('error', 'sending failed, data is dropped', itemsOf(chunk), { ...this.#fields, reason, ...why });
  }

  #logRetry(items: number, { message }: Answer, waitMs: number): void {
    const fields = { ...this.#fields, error: message, retry_in_ms: Math.round(waitMs) };
    this.#log.event('warn', 'sending failed, will be retried', items, fields);
  }

  #metadataLater(): void {
    this.#cancelMetadata?.();
    this.#cancelMetadata = null;
    const { send, send_interval: everyMs } = this.#args.metadata_config;
    if (!send) return;
    this.#cancelMetadata = this.#ctx.clock.after(everyMs, () => {
      this.#metadataLater();
      // One round at a time: an endpoint that is down gets the newest when it is back.
      if (!this.#sendingMetadata) void this.#sendMetadata();
    });
  }

  async #sendMetadata(): Promise<void> {
    this.#sendingMetadata = true;
    const { max_samples_per_send: most } = this.#args.metadata_config;
    for (const { bytes, entries } of this.#metadata.requests(most, this.#ctx.clock.monotonicMs())) {
      const body = compressSnappyBlock(bytes);
      const backoff = new Backoff();
      for (let attempt = 0; this.#stopped === null; attempt++) {
        const answer = await this.#sender.send(body, attempt);
        if (this.#stopped !== null) break;
        if (answer.kind === 'ok') {
          this.#count.metadataSent.add(entries);
          this.#count.metadataBytes.add(body.length);
          break;
        }
        if (answer.kind === 'permanent') {
          this.#count.metadataFailed.add(entries);
          this.#log.event('warn', 'metadata was rejected', entries, { ...this.#fields, error: answer.message });
          break;
        }
        this.#count.metadataRetried.add(entries);
        await this.#patience.wait(backoff.next(this.#args.queue_config, answer.retryAfterMs));
      }
    }
    this.#sendingMetadata = false;
  }
}

const connect = (url: string, settings: FetchSettings, { log, clock }: WorkerContext): HttpPush =>
  new HttpPush(url, settings, 0, log, clock);

/** For labels that stand between other fields: they leave in one piece. */
const AS_THEY_ARE = new LabelCache((labels) => labels, 1, 0);
/** Seed of the hash that makes 64 bits together with the first one. */
const SECOND_HASH = 0x2545f491;
const CONFLICT =
  'series have two values of one time, the first is sent: give resources a service.instance.id, or look for rules that drop labels';
const UNREADABLE: Fate = { kind: 'dropped', bytes: Buffer.alloc(0), hash: 0 };

/** External labels come first, and are there for the rules; what a series says itself counts. null: nothing to do. */
function labelCache(args: EndpointArgs, external: ExternalLabels, workers: number): LabelCache | null {
  const more = Object.entries(external).filter(([, value]) => value !== '');
  const relabeler = new Relabeler(args.write_relabel_config);
  if (more.length === 0 && relabeler.isEmpty) return null;
  const withExternal = (labels: readonly Label[]): readonly Label[] => {
    const added = more.filter(([name]) => !labels.some(([own]) => own === name));
    return added.length === 0 ? labels : [...labels, ...added].sort(byName);
  };
  return new LabelCache((labels) => relabeler.apply(withExternal(labels)), Math.ceil(CACHED_SETS / workers), 0);
}
