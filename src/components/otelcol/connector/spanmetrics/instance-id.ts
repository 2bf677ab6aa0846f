import { createHash } from 'node:crypto';
import { hostname } from 'node:os';

/**
 * `collector.instance.id`: a UUID (RFC 9562, version 8) of host name, process and component. All workers of a process come to the
 * same one, as series must not depend on them; a reload keeps it.
 */
export function instanceId(componentId: string, host = hostname(), pid = process.pid): string {
  const bytes = createHash('sha256').update(`${host}\0${pid}\0${componentId}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
