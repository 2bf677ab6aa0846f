/**
 * One attempt to hand a request to an endpoint (Prometheus remote write 1.0 specification).
 *
 *     POST url     content-encoding: snappy (block)   content-type: application/x-protobuf
 *                  x-prometheus-remote-write-version: 0.1.0   retry-attempt: N, from the second on
 */
import { answerOf, type Answer } from '#components/kit/push/answer.ts';
import type { HttpPush } from '#net/client/http-push.ts';
import { USER_AGENT } from '#net/client/user-agent.ts';
import type { Clock } from '#shared/clock.ts';
import type { EndpointArgs } from './schema.ts';

export class Sender {
  readonly #push: HttpPush;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #retries429: boolean;
  readonly #clock: Clock;

  /** The connections stay the caller's to close. */
  constructor(push: HttpPush, args: EndpointArgs, clock: Clock) {
    this.#push = push;
    this.#timeoutMs = args.remote_timeout;
    this.#retries429 = args.queue_config.retry_on_http_429;
    this.#clock = clock;
    const headers: Record<string, string> = {
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'user-agent': USER_AGENT,
      'x-prometheus-remote-write-version': '0.1.0',
    };
    for (const [name, value] of Object.entries(args.headers)) headers[name.toLowerCase()] = value;
    this.#headers = headers;
  }

  /** `body` is compressed already and must not change. `attempt` counts from 0. Never rejects. */
  async send(body: Buffer, attempt: number): Promise<Answer> {
    const headers = attempt === 0 ? this.#headers : { ...this.#headers, 'retry-attempt': String(attempt) };
    return answerOf(await this.#push.post(headers, [body], this.#timeoutMs), this.#retries429, this.#clock.now());
  }
}
