/** Requests of one span that has nothing but many two-byte fields: small on the wire, large in a table of fields. */
import { ENTRY, REQUEST, SCOPE_ENTRY, SPAN } from '#codec/otlp/fields.ts';
import { Writer } from '#codec/protobuf/writer.ts';

export function wideRequest(fields: number): Buffer {
  const out = new Writer();
  const entry = out.begin(REQUEST.entries);
  const scope = out.begin(ENTRY.scopes);
  out.bytes(SCOPE_ENTRY.items, Buffer.alloc(2 * fields, Buffer.of(SPAN.kind << 3, 0)));
  out.string(SCOPE_ENTRY.schemaUrl, 'https://scope');
  out.end(scope);
  out.string(ENTRY.schemaUrl, 'https://entry');
  out.end(entry);
  return Buffer.from(out.finish());
}

/** More than a message may have. */
export const TOO_WIDE = 2 ** 20;
