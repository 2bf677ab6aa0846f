/** Settings of a plain client, for tests to vary. */
import type { GrpcSettings } from '#net/client/grpc.ts';

export function grpcSettings(endpoint: string, change: Partial<GrpcSettings> = {}): GrpcSettings {
  return {
    endpoint,
    tls: null,
    authority: '',
    headers: {},
    compression: 'none',
    balancer: 'round_robin',
    waitForReady: false,
    keepalive: null,
    proxy: null,
    userAgent: 'test/1',
    ...change,
  };
}

export const TRACES_PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
