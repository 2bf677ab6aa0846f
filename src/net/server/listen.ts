/**
 * Addresses and binding, the same for every server of ours. Errors name the component that wanted the address and say what
 * to do.
 */
import { lookup } from 'node:dns/promises';
import { isIP, type Server } from 'node:net';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';

export type Address =
  /** `host` empty: every address of the machine, IPv4 and IPv6. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type Transport = 'tcp' | 'unix';

/**
 * Reads `host:port`, `[ipv6]:port`, `:port`, or a socket's path. As in Go, 0.0.0.0 and [::] with transport tcp mean every
 * address of both families (Go net, favoriteAddrFamily). Throws a MillraceError.
 */
export function parseAddress(endpoint: string, transport: Transport = 'tcp'): Address {
  if (transport === 'unix') {
    if (endpoint === '') throw new MillraceError('address', 'a unix socket needs a path as its endpoint');
    return { kind: 'unix', path: endpoint };
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(endpoint);
  const port = Number(match?.[3] ?? -1);
  if (match === null || port > 65535) {
    throw new MillraceError(
      'address',
      `${JSON.stringify(endpoint)} is not an address to listen on; write host:port, [ipv6]:port or :port`,
    );
  }
  const host = match[1] ?? match[2] ?? '';
  return { kind: 'tcp', host: host === '0.0.0.0' || host === '::' ? '' : host, port };
}

/** Binds `server`. Resolves with the address it got, as text. `who` is the component's id. */
export async function bind(server: Server, address: Address, who: string): Promise<string> {
  const where =
    address.kind === 'unix' ? address.path : `${address.host === '' ? '[::]' : address.host}:${address.port}`;
  const options =
    address.kind === 'unix' ? { path: address.path } : await tcpOptions(address.host, address.port, where, who);
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(bindError(error, where, who));
    server.once('error', failed);
    server.listen(options, () => {
      server.off('error', failed);
      resolve();
    });
  });
  return boundAddress(server);
}

/** Where a bound server listens: `127.0.0.1:4317`, `[::]:4317`, or the socket's path. */
export function boundAddress(server: Server): string {
  const bound = server.address();
  if (bound === null) return '';
  if (typeof bound === 'string') return bound;
  return hostPort(bound.address, bound.port);
}

export const hostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** One line for a listener that anybody who reaches the machine can use. */
export function warnIfOpen(address: Address, tls: boolean, log: Logger): void {
  if (address.kind === 'unix' || address.host !== '' || tls) return;
  log.warn(
    'listening on every network address without TLS and authentication; use 127.0.0.1, or set tls, where the network is not trusted',
    {
      port: address.port,
    },
  );
}

async function tcpOptions(
  host: string,
  port: number,
  where: string,
  who: string,
): Promise<{ port: number; host?: string }> {
  if (host === '') return { port };
  if (isIP(host) !== 0) return { port, host };
  try {
    // Like Go: a name that has addresses of both families (localhost) means the IPv4 one.
    return { port, host: (await lookup(host, { order: 'ipv4first' })).address };
  } catch (error) {
    throw new MillraceError(
      'listen',
      `${who} cannot listen on ${where}: the host's name has no address (${errorText(error)})`,
      { cause: error },
    );
  }
}

export function bindError(error: NodeJS.ErrnoException, where: string, who: string): MillraceError {
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE:
      'the address is in use; stop the other process or choose another endpoint (a stale socket file must be removed)',
    EACCES: 'permission denied; choose a port above 1023 or a path that this user may write',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  return new MillraceError(
    'listen',
    `${who} cannot listen on ${where}: ${advice[error.code ?? ''] ?? errorText(error)}`,
    { cause: error },
  );
}
