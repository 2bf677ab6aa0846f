/**
 * Whether two encodings say the same: a collector may write fields in another order, or write out what is empty. Decodes into
 * objects, so it is for samples, not for every span.
 */
import { decodeMessage, messageType, type Plain } from '#test/support/otlp-proto.ts';

const TYPES = {
  span: messageType('Span'),
  resource: messageType('Resource'),
  scope: messageType('InstrumentationScope'),
} as const;

/** Span ids are not compared: they carry the send number. False for bytes that cannot be decoded. */
export function sameContent(kind: keyof typeof TYPES, a: Uint8Array, b: Uint8Array): boolean {
  try {
    return canonical(kind, a) === canonical(kind, b);
  } catch {
    return false;
  }
}

function canonical(kind: keyof typeof TYPES, bytes: Uint8Array): string {
  const message = decodeMessage(TYPES[kind], bytes);
  if (kind === 'span') delete message['spanId'];
  return JSON.stringify(withoutDefaults(message) ?? null);
}

/** undefined for what means the same as nothing. The value in an attribute means something even if it is 0 or empty. */
function withoutDefaults(value: Plain): Plain | undefined {
  if (value === null || value === '' || value === 0 || value === '0' || value === '-0' || value === false)
    return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => withoutDefaults(item) ?? null);
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .map(([key, member]) => [key, withoutDefaults(member) ?? (key.endsWith('Value') ? member : undefined)] as const)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as { [field: string]: Plain });
}
