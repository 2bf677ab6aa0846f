/**
 * Why a connection could not be made or was lost, as one sentence that says what to change. Node, OpenSSL and undici tell it
 * by `code` (Node.js manual, Errors and TLS; uv_strerror); their own texts name C files and pointers.
 */
import { readableText } from '#net/tls/openssl-text.ts';
import { MillraceError } from '#shared/errors.ts';

export interface Peer {
  /** `HOST:PORT`, or the path of a socket. */
  readonly name: string;
  readonly tls: boolean;
  /** How the configuration asks for a connection without TLS, as an imperative. */
  readonly plain: string;
}

/** The peer ended the connection before it said anything in its protocol. */
export const closedEarly = (protocol: string, cause?: unknown): MillraceError =>
  new MillraceError('closed_early', `the server closed the connection before it spoke ${protocol}`, { cause });

/** What the errors of sockets, TLS and undici carry. */
interface Facts {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly cause?: unknown;
  readonly syscall?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
  /** Of a wrong name in a certificate. */
  readonly host?: unknown;
  readonly cert?: { readonly subjectaltname?: string };
  /** Of undici's SocketError. */
  readonly socket?: { readonly bytesRead?: number } | null;
}

export function connectProblem(error: unknown, peer: Peer): string {
  const facts: Facts = typeof error === 'object' && error !== null ? error : {};
  const code = typeof facts.code === 'string' ? facts.code : '';
  if (code === 'ABORT_ERR' && facts.cause !== undefined) return connectProblem(facts.cause, peer);
  return tlsProblem(code, facts, peer) ?? socketProblem(code, facts, peer) ?? protocolProblem(code, facts, error, peer);
}

function tlsProblem(code: string, facts: Facts, { name, plain }: Peer): string | null {
  switch (code) {
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_RECORD_LAYER_FAILURE':
    case 'ERR_SSL_HTTP_REQUEST':
      return `${name} does not speak TLS: for plain text ${plain}`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `the certificate of ${name} is signed by an unknown authority: set ca_file in the tls block to the certificate of that authority`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID': {
      const names = (facts.cert?.subjectaltname ?? '').replace(/(DNS|IP Address):/g, '').slice(0, 200);
      const wanted = typeof facts.host === 'string' ? `"${facts.host}"` : 'this host';
      return `the certificate of ${name} is not for ${wanted}${names === '' ? '' : ` but for ${names}`}: set server_name in the tls block to a name that it holds`;
    }
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${name} has expired: it must be renewed on the server`;
    case 'CERT_NOT_YET_VALID':
      return `the certificate of ${name} is not valid yet: check the clocks of both machines`;
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return noVersion(name);
  }
  // By the name of the alert (RFC 8446 6); what stands in front differs between versions of OpenSSL.
  switch (/^ERR_SSL_.*ALERT_(\w+)$/.exec(code)?.[1]) {
    case 'CERTIFICATE_REQUIRED':
    case 'BAD_CERTIFICATE':
      return `${name} wants a client certificate that it trusts: set cert_file and key_file in the tls block`;
    case 'UNKNOWN_CA':
    case 'CERTIFICATE_UNKNOWN':
    case 'CERTIFICATE_EXPIRED':
    case 'CERTIFICATE_REVOKED':
    case 'UNSUPPORTED_CERTIFICATE':
    case 'ACCESS_DENIED':
      return `${name} does not accept the client certificate: check cert_file in the tls block`;
    case 'HANDSHAKE_FAILURE':
      return `${name} refused the TLS handshake: it may want a client certificate (set cert_file and key_file in the tls block) or other cipher_suites`;
    case 'PROTOCOL_VERSION':
      return noVersion(name);
    case 'NO_APPLICATION_PROTOCOL':
      return `${name} does not speak HTTP/2 over TLS`;
    default:
      return null;
  }
}

const noVersion = (name: string): string =>
  `${name} speaks none of the TLS versions that are allowed here: check min_version and max_version in the tls block`;

function socketProblem(code: string, facts: Facts, { name, tls }: Peer): string | null {
  const place =
    typeof facts.address === 'string'
      ? `${facts.address}${typeof facts.port === 'number' ? `:${facts.port}` : ''}`
      : name;
  const host = typeof facts.hostname === 'string' ? facts.hostname : name;
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens on ${place} (ECONNREFUSED)`;
    case 'ENOENT':
      return `there is no socket ${place} (ENOENT)`;
    case 'EACCES':
      return `this user may not connect to ${place} (EACCES)`;
    case 'ENOTFOUND':
      return `the name ${host} does not exist (ENOTFOUND)`;
    case 'EAI_AGAIN':
      return `the name ${host} cannot be looked up: DNS does not answer (EAI_AGAIN)`;
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `${place} does not answer (ETIMEDOUT)`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no route to ${place} (${code})`;
    case 'ECONNRESET':
      // Node's own reset, without a system call: the peer ended the handshake.
      return tls && facts.syscall === undefined
        ? `${name} closed the connection during the TLS handshake: it may not speak TLS, or not accept the client certificate`
        : `${name} reset the connection (ECONNRESET)`;
    case 'EPIPE':
      return `${name} closed the connection (EPIPE)`;
    default:
      return null;
  }
}

function protocolProblem(code: string, facts: Facts, error: unknown, { name, tls }: Peer): string {
  if (code === 'closed_early' || (code === 'UND_ERR_SOCKET' && facts.socket?.bytesRead === 0)) {
    const text = code === 'closed_early' ? readableText(error) : 'the server closed the connection without an answer';
    return `${text} (${tls ? 'does it accept the client certificate?' : 'does it expect TLS?'})`;
  }
  if (code === 'UND_ERR_SOCKET') return `${name} closed the connection before its answer was complete`;
  if (code === 'ERR_HTTP2_ERROR') return `${name} does not speak HTTP/2 as gRPC needs it (${readableText(error)})`;
  if (facts.name === 'HTTPParserError')
    return `${name} does not answer in HTTP/1.1 (does it expect TLS, or is it the port of another protocol?)`;
  const text = readableText(error);
  return text === '' ? `no connection to ${name}${code === '' ? '' : ` (${code})`}` : text;
}
