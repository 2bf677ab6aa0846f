/**
 * One header field of HTTP/2, each octet as one character (latin1). Immutable and shared: the static table, the dynamic
 * table and every decoded list hold the same objects, so nobody may write to one.
 */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** What a field costs beside its octets, in the dynamic table (RFC 7541 4.1) and in a list (RFC 9113 6.5.2). */
export const FIELD_OVERHEAD = 32;

export function fieldBytes(field: HeaderField): number {
  return field.name.length + field.value.length + FIELD_OVERHEAD;
}
