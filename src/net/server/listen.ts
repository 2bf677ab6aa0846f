/**
 * Addresses and binding, the same for every server of ours. Errors name the component that wanted the address and say what
 * to do.
 */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, isIP, type AddressInfo, type ListenOptions, type Server } from 'node:net';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';

export type TcpAddress = {
  readonly kind: 'tcp';
  /** Empty: every address of the machine, IPv4 and IPv6. */
  readonly host: string;
  readonly port: number;
  readonly share?: AddressShare;
};
export type Address = TcpAddress | { readonly kind: 'unix'; readonly path: string; readonly share?: AddressShare };

/** What is really bound. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Several threads of this process accept on one address, each with a listener of its own; the kernel spreads connections over
 * them (SO_REUSEPORT, socket(7)). Paths of sockets cannot be shared: one of the threads binds them.
 */
export interface AddressShare {
  readonly bindsUnix: boolean;
  /** What this process bound for `where` before, and whether another thread listens there now. */
  known(where: string): (HostPort & { readonly held: boolean }) | null;
  bound(where: string, at: HostPort): void;
  released(where: string): void;
}

export type Transport = 'tcp' | 'unix';

/**
 * Reads `host:port`, `[ipv6]:port`, `:port`, or a socket's path. As in Go, 0.0.0.0 and [::] with transport tcp mean every
 * address of both families (Go net, favoriteAddrFamily). Throws a MillraceError.
 */
export function parseAddress(endpoint: string, transport: Transport = 'tcp', share?: AddressShare): Address {
  const shared = share === undefined ? {} : { share };
  if (transport === 'unix') {
    if (endpoint === '') throw new MillraceError('address', 'a unix socket needs a path as its endpoint');
    return { kind: 'unix', path: endpoint, ...shared };
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
  return { kind: 'tcp', host: host === '0.0.0.0' || host === '::' ? '' : host, port, ...shared };
}

/**
 * Binds `server`. Resolves with the address it got, as text. `who` is the component's id. A path that another thread has to
 * bind is left to it: `server` does not listen then.
 */
export async function bind(server: Server, address: Address, who: string): Promise<string> {
  const where = whereOf(address);
  const { share } = address;
  if (address.kind === 'unix') {
    if (share?.bindsUnix === false) return where;
    await listen(server, { path: address.path }, where, who);
  } else if (share === undefined) {
    await listen(server, await tcpOptions(address, where, who), where, who);
  } else {
    const at = await claim(address, who);
    await listen(server, { ...at, reusePort: true }, where, who);
    share.bound(where, at);
    let held = true;
    const release = (): void => {
      if (held) share.released(where);
      held = false;
    };
    RELEASES.set(server, release);
    server.once('close', release);
  }
  return boundAddress(server);
}

/** Of servers that share their address: tells the share that they do so no longer. */
const RELEASES = new WeakMap<Server, () => void>();

/** Stops listening: the address can be bound again when this returns. `ended` is called when the last connection has ended. */
export function unbind(server: Server, ended: () => void): void {
  server.close(ended);
  RELEASES.get(server)?.();
}

/**
 * Finds out what to bind for `address`, and that it may be bound: a listener that shares its port would get it beside those of
 * any other process of the same user that shares, so unless a thread of ours listens there already, the address is bound
 * alone for a moment. Rejects with a MillraceError.
 */
export async function claim(address: TcpAddress, who: string): Promise<HostPort> {
  const where = whereOf(address);
  const known = address.share?.known(where) ?? null;
  if (known?.held === true) return { host: known.host, port: known.port };
  const probe = createServer();
  const options = known === null ? await tcpOptions(address, where, who) : { host: known.host, port: known.port };
  await listen(probe, options, where, who);
  const { address: host, port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return { host, port };
}

/** As errors call it. */
export function whereOf(address: Address): string {
  return address.kind === 'unix' ? address.path : `${address.host === '' ? '[::]' : address.host}:${address.port}`;
}

async function listen(server: Server, options: ListenOptions, where: string, who: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(bindError(error, where, who));
    server.once('error', failed);
    server.listen(options, () => {
      server.off('error', failed);
      resolve();
    });
  });
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
  { host, port }: TcpAddress,
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

/** Code of the error that somebody else has the address. */
export const ADDRESS_IN_USE = 'address_in_use';

export function bindError(error: NodeJS.ErrnoException, where: string, who: string): MillraceError {
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE:
      'the address is in use; stop the other process or choose another endpoint (a stale socket file must be removed)',
    EACCES: 'permission denied; choose a port above 1023 or a path that this user may write',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTSUP: 'this system cannot share a port between threads; run with --ingest-threads=0',
  };
  return new MillraceError(
    error.code === 'EADDRINUSE' ? ADDRESS_IN_USE : 'listen',
    `${who} cannot listen on ${where}: ${advice[error.code ?? ''] ?? errorText(error)}`,
    { cause: error },
  );
}
