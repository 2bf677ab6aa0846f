/**
 * The request headers that all calls of a client share: gRPC's own and the configured metadata (grpc/doc/PROTOCOL-HTTP2.md,
 * Custom-Metadata).
 */
import type { OutgoingHttpHeaders } from 'node:http2';
import { MillraceError } from '#shared/errors.ts';

/** Set by the transport; grpc-go ignores configured ones, too (internal/transport, isReservedHeader). */
const RESERVED: ReadonlySet<string> = new Set(['content-type', 'user-agent', 'te', 'host', 'connection']);

export interface Metadata {
  readonly headers: OutgoingHttpHeaders;
  /** Configured names that were left out because gRPC sets them itself. */
  readonly ignored: readonly string[];
}

/** Names become lower case; values of names in `-bin` are sent as base64 without padding. Throws a {@link MillraceError}. */
export function metadataHeaders(configured: Readonly<Record<string, string>>): Metadata {
  const headers: OutgoingHttpHeaders = {};
  const ignored: string[] = [];
  for (const [written, value] of Object.entries(configured)) {
    const name = written.toLowerCase();
    if (!/^[0-9a-z_.-]+$/.test(name))
      throw new MillraceError('grpc_header', `"${written}" cannot be a gRPC header name: use letters, digits and -_.`);
    if (RESERVED.has(name) || name.startsWith('grpc-')) ignored.push(name);
    else if (name.endsWith('-bin')) headers[name] = Buffer.from(value).toString('base64').replace(/=+$/, '');
    else if (!/^[\x20-\x7e]*$/.test(value)) {
      throw new MillraceError(
        'grpc_header',
        `the value of the gRPC header "${written}" holds characters other than printable ASCII; name it "${written}-bin" to send any bytes`,
      );
    } else headers[name] = value;
  }
  return { headers, ignored };
}
