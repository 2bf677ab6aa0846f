/**
 * The end of an exporter's chain: one attempt to hand one request to a destination. Each exporter writes its own Sender;
 * queue, in-queue batch and retry around it are the kit's (order of wrapping, semantics 18.1: queue, retry, timeout, send).
 */
import { Outcome, withDownstream } from '#shared/outcome.ts';
import type { SendRequest } from './request.ts';

export type SendResult =
  /** The destination took the data. */
  | { readonly kind: 'ok'; readonly bytesDone: boolean }
  /** It did not, and may if asked again. `retryAfterMs`: it asked for at least this wait (RetryInfo, Retry-After); 0 = for none. */
  | {
      readonly kind: 'retry';
      readonly grpcCode: number;
      readonly message: string;
      readonly retryAfterMs: number;
      /** Certainly nobody reads the request's parts any more on account of this attempt ({@link SendRequest.release}). */
      readonly bytesDone: boolean;
    }
  /** It did not, and never will. */
  | { readonly kind: 'permanent'; readonly grpcCode: number; readonly message: string };

export interface Sender {
  /**
   * Makes one attempt and keeps to its own timeout, so that the promise settles in bounded time. Never rejects: whatever
   * happens is a {@link SendResult}. `grpcCode` in a result is the status that the sender of the data
   * should see when no queue lies between (gRPC status codes; HTTP destinations are mapped by their exporter), 0 = none.
   */
  send(request: SendRequest): Promise<SendResult>;
}

/** What the component before the exporter is told when no queue cut the chain (semantics 1.3, 2.4). */
export function outcomeOf(result: SendResult): Outcome {
  switch (result.kind) {
    case 'ok':
      return Outcome.accepted;
    case 'retry':
      return withDownstream(Outcome.downstream, result.grpcCode, wholeSeconds(result.retryAfterMs));
    case 'permanent':
      return withDownstream(Outcome.downstreamRejected, result.grpcCode, 0);
  }
}

/** Cut as in the Collector, but a wait shorter than a second is not none. */
function wholeSeconds(ms: number): number {
  return ms > 0 ? Math.max(1, Math.floor(ms / 1000)) : 0;
}
