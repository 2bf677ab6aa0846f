/**
 * Reads sockets into one buffer per thread instead of a fresh one for every read.
 *
 * Node makes a buffer of 64 KiB for every read of an accepted socket; at hundreds of MB/s those buffers, not what is done with
 * them, keep the garbage collector busy (docs/decisions/0010). `net.Socket` can read into a buffer of its user (its option
 * `onread`), but `net.Server` makes its sockets without it. So the handle of an accepted socket is given to a socket that is
 * made with it. The handle has no public name: everything that relies on it is here, and where it is missing (or on TLS, whose
 * sockets decrypt into memory of their own) chunks come by 'data' events as usual.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';

/** As much as one read may bring; longer reads mean fewer of them. */
const READ_BYTES = 256 * 1024;

/** Shared by all sockets of the thread: a chunk is valid only while its listener runs. */
let readBuffer: Buffer | null = null;

interface Handled {
  _handle: { readonly useUserBuffer?: unknown } | null;
}

/**
 * Takes over an accepted plain socket that is paused (`pauseOnConnect`) and has no listeners. Returns the socket to use from
 * now on, which reads already: its chunks come in later turns of the event loop.
 */
export function takeOver(accepted: Socket, onChunk: (chunk: Buffer) => void): Socket {
  const holder = accepted as unknown as Handled;
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== 'function') {
    accepted.on('data', onChunk);
    accepted.resume();
    return accepted;
  }
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const buffer = readBuffer;
  holder._handle = null;
  const options = {
    handle,
    onread: {
      buffer,
      callback: (length: number): boolean => {
        onChunk(buffer.subarray(0, length));
        return true;
      },
    },
  };
  const socket = new Socket(options as unknown as SocketConstructorOpts);
  // Without its handle it is an empty shell, which its server counts until it is destroyed.
  accepted.destroy();
  return socket;
}
