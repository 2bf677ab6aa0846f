/** SETTINGS (RFC 9113, section 6.5): pairs of u16 id and u32 value. */
import { ConnectionError, ErrorCode } from './error.ts';
import { DEFAULT_MAX_FRAME_BYTES, INITIAL_WINDOW_BYTES, MAX_WINDOW_BYTES, readUint32, writeUint32 } from './frame.ts';

const HEADER_TABLE_SIZE = 1;
const ENABLE_PUSH = 2;
const MAX_CONCURRENT_STREAMS = 3;
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;
const MAX_HEADER_LIST_SIZE = 6;

const PAIR_BYTES = 6;
const LARGEST_FRAME_BYTES = 0xff_ffff;
/** What a peer's encoder may assume before it hears otherwise (RFC 7541, section 4.2). */
const DEFAULT_HEADER_TABLE_BYTES = 4096;

export interface OwnSettings {
  readonly windowBytes: number;
  readonly maxFrameBytes: number;
  readonly maxHeaderListBytes: number;
  /** 0 = no bound is announced. */
  readonly maxConcurrentStreams: number;
}

/** The payload of our SETTINGS frame. */
export function encodeSettings(own: OwnSettings): Buffer {
  const pairs: [number, number][] = [
    [INITIAL_WINDOW_SIZE, own.windowBytes],
    [MAX_FRAME_SIZE, own.maxFrameBytes],
    [MAX_HEADER_LIST_SIZE, own.maxHeaderListBytes],
  ];
  if (own.maxConcurrentStreams > 0) pairs.push([MAX_CONCURRENT_STREAMS, own.maxConcurrentStreams]);
  const payload = Buffer.alloc(pairs.length * PAIR_BYTES);
  pairs.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * PAIR_BYTES);
    writeUint32(payload, i * PAIR_BYTES + 2, value);
  });
  return payload;
}

/** What the peer has announced so far. */
export class PeerSettings {
  windowBytes = INITIAL_WINDOW_BYTES;
  maxFrameBytes = DEFAULT_MAX_FRAME_BYTES;
  headerTableBytes = DEFAULT_HEADER_TABLE_BYTES;

  /** Takes on a SETTINGS payload. Throws {@link ConnectionError}. */
  apply(bytes: Buffer, start: number, end: number): void {
    if ((end - start) % PAIR_BYTES !== 0)
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'SETTINGS that are not whole pairs');
    for (let p = start; p < end; p += PAIR_BYTES) this.#set((bytes[p] << 8) | bytes[p + 1], readUint32(bytes, p + 2));
  }

  #set(id: number, value: number): void {
    if (id === HEADER_TABLE_SIZE) this.headerTableBytes = value;
    else if (id === ENABLE_PUSH && value > 1) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'bad ENABLE_PUSH');
    else if (id === INITIAL_WINDOW_SIZE) {
      if (value > MAX_WINDOW_BYTES) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'bad INITIAL_WINDOW_SIZE');
      this.windowBytes = value;
    } else if (id === MAX_FRAME_SIZE) {
      if (value < DEFAULT_MAX_FRAME_BYTES || value > LARGEST_FRAME_BYTES)
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'bad MAX_FRAME_SIZE');
      this.maxFrameBytes = value;
    }
  }
}
