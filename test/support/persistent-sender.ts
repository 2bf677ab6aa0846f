/**
 * A sender as SDKs are: a request that is not accepted is sent again until it is. It goes to wherever it is told at that moment.
 * Spans are numbered without gaps over all senders that share a {@link Numbers}, and have trace ids of their own.
 */
import { TRACES } from '#shared/signal.ts';
import { encodeRequest } from './otlp-proto.ts';
import { GrpcSender, sendHttp, type Answered } from './otlp-send.ts';

export interface Target {
  readonly protocol: 'grpc' | 'http';
  readonly port: number;
}

export class Numbers {
  /** All below have been sent. */
  next = 0;
  /** Requests accepted, by all senders. */
  accepted = 0;
  /** Answers that told the sender not to try again, as `protocol code message`. */
  readonly permanent: string[] = [];

  take(count: number): number[] {
    const from = this.next;
    this.next += count;
    return Array.from({ length: count }, (_, i) => from + i);
  }
}

/** OTLP: what a client may send again. gRPC codes by number; a connection that broke is UNAVAILABLE or has no answer at all. */
const RETRYABLE_GRPC: ReadonlySet<number> = new Set([1, 4, 10, 11, 14, 15]);
const RETRYABLE_HTTP: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const SPANS = 5;

export class PersistentSender {
  readonly #numbers: Numbers;
  readonly #target: () => Target;
  #grpc: { readonly port: number; readonly sender: GrpcSender } | null = null;

  constructor(numbers: Numbers, target: () => Target) {
    this.#numbers = numbers;
    this.#target = target;
  }

  /** Sends one request after the other until `done` holds; each is accepted in the end. */
  async run(done: () => boolean): Promise<void> {
    while (!done()) await this.#insist(request(this.#numbers.take(SPANS)));
    this.#grpc?.sender.close();
  }

  async #insist(bytes: Buffer): Promise<void> {
    for (;;) {
      const { protocol, port } = this.#target();
      const answer = await (protocol === 'grpc' ? this.#overGrpc(port, bytes) : overHttp(port, bytes));
      if (answer.ok) break;
      const retryable = (protocol === 'grpc' ? RETRYABLE_GRPC : RETRYABLE_HTTP).has(answer.code);
      if (!retryable) this.#numbers.permanent.push(`${protocol} ${answer.code} ${answer.message}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#numbers.accepted++;
  }

  /** A client of its own for each port, and a fresh one after a failure: grpc-js would wait long before it connects again. */
  async #overGrpc(port: number, bytes: Buffer): Promise<Answered> {
    if (this.#grpc?.port !== port) {
      this.#grpc?.sender.close();
      this.#grpc = { port, sender: new GrpcSender(port) };
    }
    const answer = await this.#grpc.sender.send(TRACES, bytes);
    if (!answer.ok) {
      this.#grpc.sender.close();
      this.#grpc = null;
    }
    return answer;
  }
}

/** No answer counts as 503. */
async function overHttp(port: number, bytes: Buffer): Promise<Answered> {
  try {
    return await sendHttp(port, TRACES, bytes);
  } catch (error) {
    return { ok: false, code: 503, message: String(error), retryAfter: null };
  }
}

function request(numbers: readonly number[]): Buffer {
  const spans = numbers.map((n) => {
    const traceId = Buffer.alloc(16);
    traceId.writeUInt32BE((n * 2_654_435_761) % 2 ** 32);
    traceId.writeUInt32BE(n + 1, 12);
    return { traceId, spanId: traceId.subarray(8), name: `#${n}` };
  });
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'numbers' } }] };
  return encodeRequest(TRACES, { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'counter' }, spans }] }] });
}
