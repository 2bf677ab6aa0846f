/** The header section of a request (RFC 9113, section 8.2 and 8.3). */
import type { HeaderField } from './hpack/field.ts';

export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** '' when the client sent none. */
  readonly authority: string;
  /** -1 without one. */
  readonly contentLength: number;
  /** All fields, pseudo-header fields included, in their order. */
  readonly fields: readonly HeaderField[];
  /** What keeping it costs: names and values, and 32 bytes a field as in RFC 9113, 6.5.2. */
  readonly bytes: number;
}

/** Fields that belong to one HTTP/1.1 connection and must not occur (section 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** null: malformed, a stream error of type PROTOCOL_ERROR (section 8.1.1). */
export function readRequestHead(fields: readonly HeaderField[]): RequestHead | null {
  const pseudo: Record<string, string | undefined> = {
    ':method': undefined,
    ':scheme': undefined,
    ':path': undefined,
    ':authority': undefined,
  };
  let contentLength = -1;
  let regular = false;
  let bytes = 0;
  for (const { name, value } of fields) {
    bytes += name.length + value.length + 32;
    if (name.startsWith(':')) {
      if (regular || !(name in pseudo) || pseudo[name] !== undefined) return null;
      pseudo[name] = value;
      continue;
    }
    regular = true;
    if (!isRegularField(name, value)) return null;
    if (name !== 'content-length') continue;
    if (!/^\d{1,15}$/.test(value) || (contentLength >= 0 && contentLength !== Number(value))) return null;
    contentLength = Number(value);
  }
  const { ':method': method, ':scheme': scheme, ':path': path, ':authority': authority } = pseudo;
  if (method === undefined || scheme === undefined || path === undefined || path === '') return null;
  return { method, path, authority: authority ?? '', contentLength, fields, bytes };
}

/** Whether the fields of a trailer section are well-formed. */
export function areTrailers(fields: readonly HeaderField[]): boolean {
  return fields.every(({ name, value }) => !name.startsWith(':') && isRegularField(name, value));
}

function isRegularField(name: string, value: string): boolean {
  // eslint-disable-next-line no-control-regex -- these are what is looked for (section 8.2.1)
  if (name === '' || hasUpperCaseOrControl(name) || /[\0\r\n]/.test(value)) return false;
  return !CONNECTION_FIELDS.has(name) && (name !== 'te' || value === 'trailers');
}

function hasUpperCaseOrControl(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code <= 0x20 || (code >= 0x41 && code <= 0x5a) || code >= 0x7f || code === 0x3a) return true;
  }
  return false;
}
