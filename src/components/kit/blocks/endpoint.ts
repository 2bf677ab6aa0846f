/**
 * What is wrong with an address in a configuration, as the message of a diagnostic; null: nothing. The run time reads it
 * with the same parsers. No socket is opened and no name is looked up.
 */
import { parseGrpcTarget } from '#net/client/grpc-target.ts';
import { parseHttpUrl } from '#net/client/http-url.ts';
import { parseProxy } from '#net/client/proxy.ts';
import { parseAddress, type Transport } from '#net/server/listen.ts';
import { problemOf } from './problem.ts';

/** `endpoint` of a server. */
export const listenProblem = (endpoint: string, transport: Transport = 'tcp'): string | null =>
  problemOf(() => parseAddress(endpoint, transport));

/** `endpoint` of a gRPC client. */
export const grpcEndpointProblem = (endpoint: string): string | null => problemOf(() => parseGrpcTarget(endpoint));

export const httpUrlProblem = (url: string): string | null => problemOf(() => parseHttpUrl(url));

/** `key` is the attribute: the URL may hold a password and is not shown. */
export const proxyUrlProblem = (url: string, key: string): string | null => problemOf(() => parseProxy(url, key));
