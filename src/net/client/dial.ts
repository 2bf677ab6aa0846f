/**
 * One connection: TCP or Unix socket, through an HTTP CONNECT proxy if there is one (RFC 9110 9.3.6), with TLS on top if
 * asked for. Only the socket's own errors end it: the caller sets the deadline by aborting.
 */
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MillraceError } from '#shared/errors.ts';
import type { ClientTlsOptions } from '#net/tls/load.ts';
import { connectProblem } from './connect-error.ts';
import { joinHostPort } from './grpc-target.ts';
import type { Proxy } from './proxy.ts';

export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

export interface DialTls {
  readonly options: ClientTlsOptions;
  /** Name to verify and to send as SNI when the options name none. An address is verified but not sent. */
  readonly name: string;
  /** ALPN: the one protocol the peer must agree to. */
  readonly protocol: string;
}

export interface Dial {
  readonly place: Place;
  readonly tls: DialTls | null;
  readonly proxy: Proxy | null;
  readonly signal: AbortSignal;
  /** In place of the system's name lookup. */
  readonly lookup?: LookupFunction;
}

/** Resolves with a socket ready for use; its owner then listens for errors. Rejects with what went wrong. */
export async function dial(how: Dial): Promise<Socket> {
  const { place, proxy, signal } = how;
  const plain = proxy === null || 'path' in place ? openSocket(how) : await tunnel(place, proxy, signal);
  if (how.tls === null) return proxy === null || 'path' in place ? opened(plain, 'connect', signal) : plain;
  const name = how.tls.options.servername ?? how.tls.name;
  const tls = connectTls({
    ...how.tls.options,
    socket: plain,
    ...(isIP(name) === 0 ? { servername: name } : { host: name }),
    ALPNProtocols: [how.tls.protocol],
  });
  // An error of the socket below does not always reach the TLS socket while it shakes hands.
  plain.once('error', (error) => tls.destroy(error));
  const socket = await opened(tls, 'secureConnect', signal);
  if (tls.alpnProtocol !== how.tls.protocol) {
    socket.destroy();
    throw new MillraceError('alpn', `the server does not speak ${how.tls.protocol} over TLS`);
  }
  return socket;
}

function openSocket({ place, lookup }: Dial): Socket {
  if ('path' in place) return connectTcp({ path: place.path });
  // Node tries each address of a name in turn (RFC 8305) unless it is an address already.
  return connectTcp({
    host: place.host,
    port: place.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    ...(lookup === undefined ? {} : { lookup }),
  });
}

function opened<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => {
      socket.off(event, onOpen);
      socket.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (error === null) {
        socket.off('error', settle);
        return resolve(socket);
      }
      // The error listener stays: a destroyed socket may still report one.
      socket.destroy();
      reject(error);
    };
    const onOpen = (): void => settle(null);
    const onClose = (): void => settle(new Error('the connection was closed while it was being made'));
    const onAbort = (): void => settle(signal.reason as Error);
    socket.once(event, onOpen);
    socket.on('error', settle);
    socket.once('close', onClose);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}

function tunnel(
  to: { readonly host: string; readonly port: number },
  proxy: Proxy,
  signal: AbortSignal,
): Promise<Socket> {
  const path = joinHostPort(to.host, to.port);
  const name = joinHostPort(proxy.host, proxy.port);
  return new Promise((resolve, reject) => {
    const connect = (proxy.tls ? requestTls : request)({
      host: proxy.host,
      port: proxy.port,
      method: 'CONNECT',
      path,
      headers: { host: path, ...(proxy.authorization === '' ? {} : { 'proxy-authorization': proxy.authorization }) },
      agent: false,
      signal,
    });
    const refused = (status: number | undefined): void => {
      reject(
        new MillraceError('proxy_refused', `the proxy ${name} answered ${status ?? 'nothing'} to CONNECT ${path}`),
      );
    };
    connect.once('connect', (response, socket: Socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return refused(response.statusCode);
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    connect.once('response', (response) => {
      response.destroy();
      refused(response.statusCode);
    });
    connect.once('error', (error) => {
      const problem = connectProblem(error, { name, tls: proxy.tls, plain: 'write http:// in the URL of the proxy' });
      reject(signal.aborted ? error : new MillraceError('proxy', `the proxy ${name}: ${problem}`, { cause: error }));
    });
    connect.end();
  });
}
