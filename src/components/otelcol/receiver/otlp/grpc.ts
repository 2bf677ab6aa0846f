/** OTLP/gRPC: one unary Export method for each signal (opentelemetry-proto, collector services). */
import type { ReceiverEntry } from '#components/kit/component.ts';
import { encodeStatus } from '#codec/rpc/status.ts';
import type { GrpcCall, GrpcHandler, GrpcStatus } from '#net/server/grpc.ts';
import { GRPC, isAccepted, messageOf, Outcome, statusOf } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import type { ReceiverCounters } from './counters.ts';

const SERVICES: readonly (readonly [path: string, signal: Signal])[] = [
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', TRACES],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', METRICS],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', LOGS],
];
const EMPTY_RESPONSE = Buffer.alloc(0);

export function exportMethods(
  entry: ReceiverEntry,
  counters: ReceiverCounters,
  includeMetadata: () => boolean,
): ReadonlyMap<string, GrpcHandler> {
  return new Map(
    SERVICES.map(([path, signal]) => [path, exportMethod(path, signal, entry, counters, includeMetadata)]),
  );
}

/** What a call is refused with before its message is read. */
export function admission(entry: ReceiverEntry, counters: ReceiverCounters): (path: string) => GrpcStatus | null {
  const signals = new Map(SERVICES);
  return (path) => {
    const signal = signals.get(path);
    const refusal = signal === undefined ? Outcome.accepted : entry.admit(signal);
    if (refusal === Outcome.accepted) return null;
    counters.turnedAway();
    return failureOf(refusal);
  };
}

function exportMethod(
  path: string,
  signal: Signal,
  entry: ReceiverEntry,
  counters: ReceiverCounters,
  includeMetadata: () => boolean,
): GrpcHandler {
  return (request, call) => {
    // The Collector registers a service only when its signal has a consumer.
    if (!entry.has(signal))
      return call.fail(GRPC.UNIMPLEMENTED, `unknown service ${path.slice(1, path.lastIndexOf('/'))}`);
    entry.offer(signal, request, includeMetadata() ? call.metadata() : null, (outcome, items, detail) => {
      counters.answered(signal, outcome, items);
      if (isAccepted(outcome)) call.reply(EMPTY_RESPONSE);
      else fail(call, outcome, detail);
    });
  };
}

function fail(call: GrpcCall, outcome: Outcome, detail?: string): void {
  // What grpc-go answers when it cannot unmarshal a request (server.go, processUnaryRPC). OTLP/HTTP says 400 instead.
  if (outcome === Outcome.malformed)
    return call.fail(GRPC.INTERNAL, `error unmarshalling request: ${detail ?? messageOf(outcome)}`);
  const { code, message, details } = failureOf(outcome, detail);
  call.fail(code, message, details);
}

function failureOf(outcome: Outcome, detail?: string): GrpcStatus {
  const { grpc: code, message: reason, retryAfterS } = statusOf(outcome);
  const message = detail === undefined ? reason : `${reason}: ${detail}`;
  if (retryAfterS === 0) return { code, message };
  return { code, message, details: encodeStatus({ code, message, retryDelayMs: retryAfterS * 1000 }) };
}
