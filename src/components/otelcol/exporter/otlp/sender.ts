/** One attempt to hand a batch to an OTLP/gRPC server, and what its answer means (semantics 18.2). */
import type { SendRequest } from '#components/kit/exporter/request.ts';
import type { Sender, SendResult } from '#components/kit/exporter/sender.ts';
import type { LimitedLog } from '#components/kit/limited-log.ts';
import { decodeResponse, type PartialSuccess } from '#codec/otlp/response.ts';
import { decodeStatus } from '#codec/rpc/status.ts';
import type { GrpcClient, GrpcResult } from '#net/client/grpc.ts';
import { GRPC } from '#shared/outcome.ts';
import { SIGNAL_NAMES, type Signal } from '#shared/signal.ts';

/** By signal: the methods of opentelemetry-proto's collector services. */
const PATHS = [
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
] as const;

/** OTLP specification, Failures: the codes after which a client retries. */
const RETRYABLE: ReadonlySet<number> = new Set([
  GRPC.CANCELLED,
  GRPC.DEADLINE_EXCEEDED,
  GRPC.ABORTED,
  GRPC.OUT_OF_RANGE,
  GRPC.UNAVAILABLE,
  GRPC.DATA_LOSS,
]);

export class OtlpGrpcSender implements Sender {
  readonly #client: GrpcClient;
  readonly #timeoutMs: number;
  readonly #log: LimitedLog;

  /** `timeoutMs` per attempt, 0 = no limit. The client stays the caller's to close. */
  constructor(client: GrpcClient, timeoutMs: number, log: LimitedLog) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
  }

  async send(request: SendRequest): Promise<SendResult> {
    const result = await this.#client.call(PATHS[request.signal], request.parts, this.#timeoutMs);
    if (result.code === GRPC.OK) this.#remark(request.signal, result);
    return meaning(result);
  }

  /** The server has the data whatever it says beside: a remark is logged, nothing is sent again. */
  #remark(signal: Signal, result: GrpcResult): void {
    const partial = readResponse(result);
    if (partial.rejected === 0 && partial.message === '') return;
    this.#log.event('warn', 'the destination took the data only in part', partial.rejected, {
      signal: SIGNAL_NAMES[signal],
      dropped: partial.rejected,
      message: partial.message,
    });
  }
}

/** What a finished call means for its batch. */
export function meaning(result: GrpcResult): SendResult {
  const { code, message, bytesDone } = result;
  if (code === GRPC.OK) return { kind: 'ok', bytesDone };
  const retryAfterMs = retryDelay(result.details);
  // An exhausted server says by RetryInfo that it will recover; without it the request is too much for good.
  if (RETRYABLE.has(code) || (code === GRPC.RESOURCE_EXHAUSTED && retryAfterMs !== null)) {
    return { kind: 'retry', grpcCode: code, message, retryAfterMs: Math.max(0, retryAfterMs ?? 0), bytesDone };
  }
  return { kind: 'permanent', grpcCode: code, message };
}

/** Milliseconds of RetryInfo; null without one. */
function retryDelay(details: Buffer | null): number | null {
  if (details === null) return null;
  try {
    return decodeStatus(details).retryDelayMs;
  } catch {
    return null; // details that cannot be read say nothing
  }
}

function readResponse(result: GrpcResult): PartialSuccess {
  try {
    return result.response === null || result.message !== ''
      ? { rejected: 0, message: result.message }
      : decodeResponse(result.response);
  } catch {
    return { rejected: 0, message: 'its response cannot be read' };
  }
}
