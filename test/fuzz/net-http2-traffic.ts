/** Random but valid HTTP/2 traffic of gRPC clients, and what becomes of it, for the fuzz tests of the server. */
import { encodeHeaders } from '#net/http2/hpack/encoder.ts';
import {
  data,
  goAway,
  headers,
  HEADER_TABLE_SIZE,
  hello,
  INITIAL_WINDOW_SIZE,
  message,
  ping,
  priority,
  REQUEST,
  reset,
  settings,
  windowUpdate,
  type Fields,
} from '#test/support/http2-frames.ts';
import { huffman, literal } from '#test/unit/net/http2/hpack/wire.ts';
import type { Random } from './codec-wire.ts';

/** What a client does on one stream, frame by frame. */
export interface Plan {
  readonly id: number;
  readonly frames: Buffer[];
  /** What the handler should see; null: it should see nothing (reset, cut short, refused). */
  readonly content: Buffer | null;
  /** The client resets it itself. */
  readonly resets: boolean;
  /** Of its DATA frames, padding included. */
  bytes: number;
}

/** One stream with a message of up to `maxBytes`. */
export function plan(random: Random, id: number, maxBytes: number): Plan {
  const content = random.bytes(random.chance(80) ? random.below(300) : random.below(maxBytes));
  const kind = random.below(100);
  const resets = kind < 10;
  const short = kind >= 10 && kind < 18;
  const early = kind >= 18 && kind < 24;
  const body = message(content, 0, short ? content.length + 1 : content.length);
  const path = early ? '/no.Such/Method' : '';
  const fields: Fields =
    path === '' ? REQUEST : REQUEST.map(([name, value]) => [name, name === ':path' ? path : value]);
  // Entries of the dynamic table make the order of header blocks matter.
  const block = random.chance(20)
    ? Buffer.concat([encodeHeaders(fields), literal('incremental', 'x-id', String(id), huffman)])
    : encodeHeaders(random.chance(30) ? [...fields, ['content-length', String(body.length)]] : fields);
  const split: number[] = [];
  for (let left = block.length; random.chance(20) && left > 0; left -= split.at(-1) ?? 0)
    split.push(random.below(left));
  const padding = random.chance(15) ? random.below(200) : undefined;
  const frames = [headers(id, block, { split, ...(padding === undefined ? {} : { padding }) })];
  const plan: Plan = { id, frames, content: resets || short || early ? null : content, resets, bytes: 0 };
  const add = (bytes: Buffer, end: boolean): void => {
    const frame = data(id, bytes, end, random.chance(10) ? random.below(256) : undefined);
    plan.bytes += frame.length - 9;
    frames.push(frame);
  };
  const trailers = random.chance(10);
  const apart = trailers || random.chance(10);
  for (let at = 0; at < body.length;) {
    const end = random.chance(60) ? body.length : Math.min(body.length, at + 1 + random.below(20_000));
    if (resets && random.chance(40)) break;
    add(body.subarray(at, end), end === body.length && !apart && !resets);
    at = end;
    if (random.chance(5) && (at < body.length || apart)) add(Buffer.alloc(0), false);
    if (random.chance(10)) frames.push(windowUpdate(id, 1 + random.below(10)));
  }
  if (resets) frames.push(reset(id, random.below(12)));
  else if (trailers) frames.push(headers(id, [['x-sum', '1']], { endStream: true }));
  else if (apart) add(Buffer.alloc(0), true);
  return plan;
}

/** Frames that concern the connection and change nothing that a handler sees. */
export function aside(random: Random): Buffer {
  return random.pick([
    () => ping(random.bytes(8)),
    () => settings([HEADER_TABLE_SIZE, random.below(8000)]),
    () => settings([99, 5]),
    () => settings([INITIAL_WINDOW_SIZE, 65535 + random.below(1000)]),
    () => priority(1 + 2 * random.below(50), 0),
    () => windowUpdate(0, 1 + random.below(1000)),
    () => goAway(),
  ])();
}

/** A whole connection: several streams, their frames interleaved in a random but allowed order. */
export function traffic(random: Random, streams: number, maxBytes = 40_000): { bytes: Buffer; plans: Plan[] } {
  const parts = [hello()];
  const plans: Plan[] = [];
  const open: Plan[] = [];
  let started = 0;
  const left = new Map<Plan, number>();
  while (started < streams || open.length > 0) {
    if (started < streams && (open.length === 0 || random.chance(40))) {
      const next = plan(random, 2 * started + 1, maxBytes);
      started++;
      plans.push(next);
      open.push(next);
      left.set(next, 0);
    }
    const chosen = open[random.below(open.length)];
    // Streams open in the order of their ids.
    const first = plans.find((p) => left.get(p) === 0);
    const turn = left.get(chosen) === 0 && first !== undefined ? first : chosen;
    const at = left.get(turn) ?? 0;
    parts.push(turn.frames[at]);
    left.set(turn, at + 1);
    if (at + 1 === turn.frames.length) open.splice(open.indexOf(turn), 1);
    if (random.chance(8)) parts.push(aside(random));
  }
  return { bytes: Buffer.concat(parts), plans };
}

/** `bytes` in random chunks: often tiny ones, sometimes everything at once. */
export function chunks(random: Random, bytes: Buffer): Buffer[] {
  const most = random.pick([1, 10, 100, 5000, 70_000, bytes.length]);
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + random.below(most));
    cut.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return cut;
}
