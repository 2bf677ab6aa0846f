/**
 * Outcomes: what became of a frame, a batch or a request. Small integers, made and joined without allocation.
 *
 * Bit layout of an {@link Outcome}:
 *
 *     bits  0-7   reason, an index into REASONS; 0 = accepted
 *     bits  8-12  gRPC status code that a downstream server gave, 0 = none (gRPC status codes, grpc/doc/statuscodes.md)
 *     bits 13-28  seconds after which to retry (RetryInfo, Retry-After): a downstream server's or our own; 0 = none, at most 65535
 *
 * Accepted: the pipeline has taken the data. Refused: not taken, the sender should retry. Rejected: not taken, a retry
 * cannot help. Mapping to gRPC and HTTP: {@link statusOf}, {@link httpStatusOf} and nowhere else.
 */
export type Outcome = number;

type Kind = 'accepted' | 'refused' | 'rejected';
interface Reason {
  readonly name: string;
  readonly kind: Kind;
  /** gRPC status code for the sender, unless a downstream code is present. */
  readonly grpc: number;
  /** For the sender: what happened and what to do. */
  readonly message: string;
}

export const GRPC = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** `UNAVAILABLE` and so on, by code. */
const GRPC_NAMES = Object.keys(GRPC);

const refused = (name: string, message: string): Reason => ({ name, kind: 'refused', grpc: GRPC.UNAVAILABLE, message });
const rejected = (name: string, message: string): Reason => ({ name, kind: 'rejected', grpc: GRPC.INTERNAL, message });

const REASONS: readonly Reason[] = [
  { name: 'accepted', kind: 'accepted', grpc: GRPC.OK, message: '' },
  refused('ring_full', 'the gateway is at capacity: the ring to a worker is full; retry later'),
  refused('queue_full', 'sending queue is full'),
  refused('worker_lost', 'the worker that held this request was restarted; retry'),
  refused('stopping', 'the gateway is shutting down; retry against another instance'),
  refused('not_ready', 'the gateway is taking on its configuration; retry'),
  refused('downstream', 'the destination did not take the data; retry later'),
  refused('batch_full', 'the batch processor is full because its next component refuses data; retry later'),
  refused('too_many_requests', 'too many requests are in flight in the gateway; retry later'),
  rejected('downstream_rejected', 'the destination rejected the data'),
  rejected('metadata_cardinality', 'too many batcher metadata-value combinations'),
  rejected('too_large', 'the request is larger than a ring can hold; send smaller requests or raise --ring.size'),
  { name: 'malformed', kind: 'rejected', grpc: GRPC.INVALID_ARGUMENT, message: 'malformed OTLP payload' },
  rejected('no_consumer', 'no component takes this signal'),
  rejected('item_too_large', 'one item is larger than the maximum batch size'),
  rejected('encoding', 'the data could not be encoded for the destination'),
  rejected('expression', 'an expression of the configuration failed on the data, and its error mode is to refuse them'),
  refused('memory_limit', 'data refused due to high memory usage'),
];

const index = (name: string): Outcome => {
  const at = REASONS.findIndex((r) => r.name === name);
  if (at < 0) throw new Error(`no outcome named ${name}`);
  return at;
};

/** Every reason by name. Values are {@link Outcome}s without a downstream status. */
export const Outcome = {
  accepted: 0,
  ringFull: index('ring_full'),
  queueFull: index('queue_full'),
  workerLost: index('worker_lost'),
  stopping: index('stopping'),
  notReady: index('not_ready'),
  downstream: index('downstream'),
  batchFull: index('batch_full'),
  tooManyRequests: index('too_many_requests'),
  downstreamRejected: index('downstream_rejected'),
  metadataCardinality: index('metadata_cardinality'),
  tooLarge: index('too_large'),
  malformed: index('malformed'),
  noConsumer: index('no_consumer'),
  itemTooLarge: index('item_too_large'),
  encoding: index('encoding'),
  expression: index('expression'),
  memoryLimit: index('memory_limit'),
} as const;

const reasonOf = (o: Outcome): Reason => REASONS[o & 0xff] ?? REASONS[Outcome.downstream];

export const isAccepted = (o: Outcome): boolean => o === 0;
export const isRefused = (o: Outcome): boolean => reasonOf(o).kind === 'refused';
export const isRejected = (o: Outcome): boolean => reasonOf(o).kind === 'rejected';
export const reasonName = (o: Outcome): string => reasonOf(o).name;
export const messageOf = (o: Outcome): string => reasonOf(o).message;

/** Attaches what a downstream server said. `retryAfterS` is cut to 16 bits. */
export function withDownstream(o: Outcome, grpcCode: number, retryAfterS: number): Outcome {
  const wait = Math.min(0xffff, Math.max(0, Math.floor(retryAfterS)));
  return (o & 0xff) | ((grpcCode & 0x1f) << 8) | (wait << 13);
}

/** Attaches how long its sender should wait at least. Cut to 16 bits. */
export function withRetryAfter(o: Outcome, seconds: number): Outcome {
  return withDownstream(o, 0, seconds);
}

/** Joins the outcomes of a request's parts: one rejected part makes it rejected, else one refused part makes it refused (semantics 1.2). */
export function join(a: Outcome, b: Outcome): Outcome {
  if (a === 0) return b;
  if (b === 0) return a;
  return isRejected(b) && !isRejected(a) ? b : a;
}

export interface Status {
  readonly grpc: number;
  readonly message: string;
  /** Seconds; 0 = the server asked for no particular wait. */
  readonly retryAfterS: number;
}

/** The gRPC status a sender gets for an outcome (semantics 2.4). A downstream status is passed on. */
export function statusOf(o: Outcome): Status {
  const reason = reasonOf(o);
  const downstream = (o >>> 8) & 0x1f;
  return {
    grpc: downstream === 0 ? reason.grpc : downstream,
    message: downstream === 0 ? reason.message : `${reason.message} (${GRPC_NAMES[downstream] ?? downstream})`,
    retryAfterS: (o >>> 13) & 0xffff,
  };
}

/** HTTP status for a gRPC status code (semantics 2.4; Collector receiver/otlpreceiver/internal/errors). */
export function httpStatusOf(grpc: number): number {
  switch (grpc) {
    case GRPC.OK:
      return 200;
    case GRPC.CANCELLED:
    case GRPC.DEADLINE_EXCEEDED:
    case GRPC.ABORTED:
    case GRPC.OUT_OF_RANGE:
    case GRPC.UNAVAILABLE:
    case GRPC.DATA_LOSS:
      return 503;
    case GRPC.RESOURCE_EXHAUSTED:
      return 429;
    case GRPC.INVALID_ARGUMENT:
      return 400;
    case GRPC.UNAUTHENTICATED:
      return 401;
    case GRPC.PERMISSION_DENIED:
      return 403;
    case GRPC.UNIMPLEMENTED:
      return 404;
    default:
      return 500;
  }
}
