/** One batch until the destination has it, or it is given up. */
import type { Clock } from '#shared/clock.ts';
import { answerOf, type Answer } from '#components/kit/push/answer.ts';
import type { LimitedLog } from '#components/kit/limited-log.ts';
import type { HttpPush } from '#net/client/http-push.ts';
import { USER_AGENT } from '#net/client/user-agent.ts';
import { Backoff } from './backoff.ts';
import type { Instruments, Loss, Reason } from './instruments.ts';
import type { SealedBatch } from './open-batch.ts';
import type { EndpointArgs } from './schema.ts';

/** What is in force now; asked for again before each attempt, so that an update reaches batches that wait. */
export interface Route {
  readonly args: EndpointArgs;
  readonly push: HttpPush;
  readonly count: Instruments;
}

export class Delivery {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: LimitedLog;
  readonly #route: () => Route;
  /** Ends the waits between attempts: as many as there are shards. */
  readonly #waits = new Set<() => void>();
  #hurried = false;

  constructor(route: () => Route, log: LimitedLog, clock: Clock, random: () => number) {
    this.#route = route;
    this.#log = log;
    this.#clock = clock;
    this.#random = random;
  }

  /** Resolves when the batch is sent, or dropped; both are counted here, unless it was {@link SealedBatch} of an abandoned shard. */
  async deliver(batch: SealedBatch, isAbandoned: () => boolean): Promise<void> {
    const { min_backoff_period: minMs, max_backoff_period: maxMs } = this.#route().args;
    const backoff = new Backoff(minMs, maxMs, this.#random);
    this.#route().count.of(batch.tenant).requestBytes.observe(batch.body.length);
    for (;;) {
      const answer = await this.#attempt(batch);
      if (isAbandoned()) return;
      const { args, count } = this.#route();
      const counters = count.of(batch.tenant);
      if (answer.kind === 'ok') {
        counters.sentBytes.add(batch.body.length);
        counters.sentEntries.add(batch.entries);
        return;
      }
      if (answer.kind === 'permanent') return this.#drop(batch, answer, 'rejected');
      counters.retries.add(1);
      const waitMs = Math.max(backoff.nextMs(), Math.min(answer.retryAfterMs, args.max_backoff_period));
      if (this.#hurried) return this.#drop(batch, answer, 'shutdown');
      if (args.max_backoff_retries > 0 && backoff.waits >= args.max_backoff_retries)
        return this.#drop(batch, answer, 'retries_exhausted');
      this.#log.event('warn', 'error sending batch, will retry', batch.entries, {
        status: answer.status,
        tenant: batch.tenant,
        error: answer.message,
        retry_in_ms: Math.round(waitMs),
      });
      await this.#wait(waitMs);
      if (isAbandoned()) return;
    }
  }

  /** Ends all waits at once: from now on each batch gets one more attempt and no further wait. */
  hurry(): void {
    this.#hurried = true;
    for (const wake of this.#waits) wake();
  }

  async #attempt(batch: SealedBatch): Promise<Answer> {
    const { args, push, count } = this.#route();
    const startMs = this.#clock.monotonicMs();
    const result = await push.post(headersOf(args, batch), [batch.body], args.remote_timeout);
    const answer = answerOf(result, args.retry_on_http_429, this.#clock.now());
    count.duration(batch.tenant, answer.status).observe((this.#clock.monotonicMs() - startMs) / 1000);
    return answer;
  }

  #drop(batch: SealedBatch, { status, message }: Answer, loss: Loss): void {
    const { count } = this.#route();
    const reason: Reason = status === 429 ? 'rate_limited' : 'ingester_error';
    const counters = count.of(batch.tenant);
    counters.droppedBytes[reason].add(batch.body.length);
    counters.droppedEntries[reason].add(batch.entries);
    count.lost(loss, batch.entries);
    this.#log.event('error', 'final error sending batch, no retries left, dropping data', batch.entries, {
      status,
      tenant: batch.tenant,
      error: message,
    });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#waits.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#waits.add(wake);
    });
  }
}

/** Those of the configuration change none of ours, as in Alloy. */
function headersOf(args: EndpointArgs, { headers: own, tenant }: SealedBatch): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(args.headers ?? {})) headers[name.toLowerCase()] = value;
  headers['user-agent'] = USER_AGENT;
  delete headers['content-encoding'];
  if (tenant !== '') headers['x-scope-orgid'] = tenant;
  return { ...headers, ...own };
}
