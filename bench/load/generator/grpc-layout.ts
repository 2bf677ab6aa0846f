/**
 * A gRPC request laid out once as HTTP/2 frames, so that sending it is writing stream numbers into it and handing it to a
 * socket:
 *
 *     room for the HEADERS frame, which ends where DATA begins
 *     DATA frame, DATA frame, ... the last with END_STREAM; together: u8 compressed, u32 length, message
 *
 * A frame ends early rather than in the middle of a span id, which is written anew for every send.
 */
import type { Shot } from './sender.ts';
import { FLAG, FRAME_HEAD, MAX_PAYLOAD, TYPE, writeFrameHead } from './http2-frames.ts';

const GRPC_HEAD = 5;
const SPAN_ID = 8;

export interface GrpcShot extends Shot {
  /** Where each DATA frame begins; its end is the next one's beginning, or that of the buffer. */
  readonly frameAt: Uint32Array;
}

/** `room`: bytes to leave free before the first DATA frame. */
export function layOut(message: Buffer, spanIdAt: Uint32Array, compressed: boolean, room: number): GrpcShot {
  const body = Buffer.allocUnsafe(GRPC_HEAD + message.length);
  body[0] = compressed ? 1 : 0;
  body.writeUInt32BE(message.length, 1);
  message.copy(body, GRPC_HEAD);
  const cuts = cutsOf(body.length, spanIdAt);
  const bytes = Buffer.allocUnsafeSlow(room + body.length + cuts.length * FRAME_HEAD);
  const frameAt = new Uint32Array(cuts.length);
  const placed = new Uint32Array(spanIdAt.length);
  let at = room;
  let from = 0;
  let id = 0;
  cuts.forEach((to, f) => {
    frameAt[f] = at;
    writeFrameHead(bytes, at, to - from, TYPE.data, to === body.length ? FLAG.endStream : 0);
    at += FRAME_HEAD;
    for (; id < spanIdAt.length && spanIdAt[id] + GRPC_HEAD < to; id++)
      placed[id] = at + spanIdAt[id] + GRPC_HEAD - from;
    at += body.copy(bytes, at, from, to);
    from = to;
  });
  return { bytes, spanIdAt: placed, frameAt };
}

/** Where each frame's part of the body ends. */
function cutsOf(length: number, spanIdAt: Uint32Array): number[] {
  const cuts: number[] = [];
  let from = 0;
  let id = 0;
  while (from < length) {
    let to = Math.min(length, from + MAX_PAYLOAD);
    while (id < spanIdAt.length && spanIdAt[id] + GRPC_HEAD + SPAN_ID <= to) id++;
    if (id < spanIdAt.length && spanIdAt[id] + GRPC_HEAD < to) to = spanIdAt[id] + GRPC_HEAD;
    cuts.push(to);
    from = to;
  }
  return cuts;
}
