/** IP addresses and networks as bytes, as Go's `net.ParseIP` and `net.ParseCIDR` read them. */
import { isIPv4, isIPv6 } from 'node:net';

/** 4 bytes, or 16; an IPv4 address that is written as IPv6 (`::ffff:1.2.3.4`) has 4. Null if the text is no address. */
export function ipBytes(text: string): Buffer | null {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  // A zone is no part of an address.
  if (!isIPv6(text) || text.includes('%')) return null;
  const bytes = groupBytes(text);
  const mapped = bytes.readUInt16BE(10) === 0xffff && bytes.subarray(0, 10).every((byte) => byte === 0);
  return mapped ? bytes.subarray(12) : bytes;
}

function groupBytes(text: string): Buffer {
  const [head, tail] = text.split('::', 2).map((side) => (side === '' ? [] : side.split(':').flatMap(group)));
  const bytes = Buffer.alloc(16);
  bytes.set(head);
  if (tail !== undefined) bytes.set(tail, 16 - tail.length);
  return bytes;
}

function group(written: string): number[] {
  if (written.includes('.')) return written.split('.').map(Number);
  const value = Number.parseInt(written, 16);
  return [value >> 8, value & 0xff];
}

export interface Network {
  readonly address: Buffer;
  /** How many bits of it count. */
  readonly bits: number;
}

/** `10.0.0.0/8`; null if the text is no network. */
export function network(text: string): Network | null {
  const [, written, length] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = written === undefined ? null : ipBytes(written);
  if (address === null || (address.length === 4) !== isIPv4(written)) return null;
  const bits = Number(length);
  return bits > address.length * 8 ? null : { address, bits };
}

export function contains({ address, bits }: Network, ip: Buffer): boolean {
  if (address.length !== ip.length) return false;
  const whole = bits >> 3;
  if (address.compare(ip, 0, whole, 0, whole) !== 0) return false;
  return bits % 8 === 0 || ((address[whole] ^ ip[whole]) & (0xff << (8 - (bits % 8))) & 0xff) === 0;
}
