/**
 * Where a gRPC client connects to, from the text of an `endpoint` (gRPC naming, grpc/doc/naming.md; Collector configgrpc
 * for the http and https schemes):
 *
 *     HOST:PORT, dns:HOST:PORT, dns:///HOST:PORT     every address the name has
 *     passthrough:///HOST:PORT                       one connection; the name is left to the dialler
 *     unix:PATH, unix:///ABSOLUTE-PATH               a Unix domain socket
 *     http://HOST:PORT, https://HOST:PORT            as HOST:PORT, and says whether TLS is used
 *
 * HOST is a name, an IPv4 address or an IPv6 address in brackets. Without a port: 443, as in gRPC.
 */
import { MillraceError } from '#shared/errors.ts';

export type GrpcTarget =
  | { readonly kind: 'dns' | 'passthrough'; readonly host: string; readonly port: number; readonly scheme: Scheme }
  | { readonly kind: 'unix'; readonly path: string; readonly scheme: '' };

/** '' = the endpoint leaves TLS to the settings. */
type Scheme = '' | 'http' | 'https';

/** Throws a {@link MillraceError} that quotes the endpoint. */
export function parseGrpcTarget(endpoint: string): GrpcTarget {
  const colon = endpoint.indexOf(':');
  const prefix = colon < 0 ? '' : endpoint.slice(0, colon);
  const rest = endpoint.slice(colon + 1);
  switch (prefix) {
    case 'unix':
      if (/^(\/\/)?$/.test(rest)) throw bad(endpoint, 'write unix:///PATH');
      return { kind: 'unix', path: rest.startsWith('//') ? rest.slice(2) : rest, scheme: '' };
    case 'http':
    case 'https':
      if (!rest.startsWith('//')) break;
      return { kind: 'dns', ...hostPort(rest.slice(2).replace(/\/$/, ''), endpoint), scheme: prefix };
    case 'dns':
    case 'passthrough':
      // "dns:8080" is a host called dns.
      if (/^\d+$/.test(rest)) break;
      return { kind: prefix, ...hostPort(withoutAuthority(rest, endpoint), endpoint), scheme: '' };
  }
  return { kind: 'dns', ...hostPort(endpoint, endpoint), scheme: '' };
}

/** The `:authority` that names this target: what was written, without scheme. gRPC uses "localhost" for Unix sockets. */
export function authorityOf(target: GrpcTarget): string {
  return target.kind === 'unix' ? 'localhost' : joinHostPort(target.host, target.port);
}

/** `HOST:PORT`, IPv6 in brackets. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The part after `//AUTHORITY/`; a DNS server of one's own is not supported. */
function withoutAuthority(rest: string, endpoint: string): string {
  if (rest.startsWith('///')) return rest.slice(3);
  if (rest.startsWith('//'))
    throw bad(endpoint, 'a DNS server in the endpoint is not supported; write dns:///HOST:PORT');
  return rest;
}

function hostPort(text: string, endpoint: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^[\]:/\s]+))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (match === null || host === undefined) throw bad(endpoint, 'write HOST:PORT, with an IPv6 address in brackets');
  const port = match[3] === undefined ? 443 : Number(match[3]);
  if (port < 1 || port > 65535) throw bad(endpoint, `${port} is not a port`);
  return { host, port };
}

const bad = (endpoint: string, why: string): MillraceError =>
  new MillraceError('grpc_endpoint', `"${endpoint}" is not a gRPC endpoint: ${why}`);
