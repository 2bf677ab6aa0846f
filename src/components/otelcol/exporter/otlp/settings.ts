/** From the arguments to the settings of the gRPC client: plain data, compared to see whether an update needs new connections. */
import { tlsClientSettings } from '#components/kit/blocks/tls.ts';
import type { GrpcSettings, Keepalive } from '#net/client/grpc.ts';
import { parseGrpcTarget } from '#net/client/grpc-target.ts';
import { proxyFromEnvironment, type Environment } from '#net/client/proxy.ts';
import { USER_AGENT } from '#net/client/user-agent.ts';
import type { Args } from './schema.ts';

/** grpc-go raises shorter intervals to this (google.golang.org/grpc/keepalive, ClientParameters.Time). */
const SHORTEST_PING_WAIT_MS = 10_000;
/** grpc-go's default. */
const PING_TIMEOUT_MS = 20_000;

/** Throws a MillraceError for an endpoint or proxy that cannot be used. */
export function grpcSettings({ client }: Args, env: Environment): GrpcSettings {
  const target = parseGrpcTarget(client.endpoint);
  return {
    endpoint: client.endpoint,
    tls: tlsClientSettings(client.tls),
    authority: client.authority ?? '',
    headers: client.headers,
    compression: client.compression,
    balancer: client.balancer_name,
    waitForReady: client.wait_for_ready,
    keepalive: keepalive(client.keepalive),
    // grpc-go asks for the https proxy whether the connection is secure or not.
    proxy: target.kind === 'unix' ? null : proxyFromEnvironment('https', target.host, target.port, env),
    userAgent: USER_AGENT,
  };
}

function keepalive(block: Args['client']['keepalive']): Keepalive | null {
  const waitMs = block?.ping_wait ?? 0;
  if (block === undefined || waitMs === 0) return null;
  const timeoutMs = block.ping_response_timeout ?? 0;
  return {
    pingWaitMs: Math.max(SHORTEST_PING_WAIT_MS, waitMs),
    pingTimeoutMs: timeoutMs === 0 ? PING_TIMEOUT_MS : timeoutMs,
    withoutCalls: block.ping_without_stream ?? false,
  };
}
