/**
 * OTLP over gRPC on node:http2 with framing by hand: the cheapest gRPC client that Node has without a library.
 * Message: 0 u8 compressed, 1 u32 big-endian length, 5 message (gRPC over HTTP2, Length-Prefixed-Message).
 */
import {
  connect,
  constants,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Compression } from './messages.ts';
import type { Refusal, Sender } from './sender.ts';

const HEAD_BYTES = 5;
/** Several connections, as several applications would have; a client library opens one. */
const CONNECTIONS = 4;

export class GrpcSender implements Sender {
  readonly #url: string;
  readonly #headers: OutgoingHttpHeaders;
  readonly #compressed: boolean;
  readonly #sessions: (ClientHttp2Session | null)[];
  #turn = 0;

  constructor(port: number, compression: Compression, inFlight: number) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#compressed = compression !== 'none';
    this.#headers = {
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      'content-type': 'application/grpc+proto',
      te: 'trailers',
      'user-agent': 'millrace-bench',
      ...(compression === 'none' ? {} : { 'grpc-encoding': compression }),
    };
    this.#sessions = Array.from({ length: Math.min(CONNECTIONS, inFlight) }, () => null);
  }

  headBytes(): number {
    return HEAD_BYTES;
  }

  writeHead(buffer: Buffer, messageBytes: number): void {
    buffer[0] = this.#compressed ? 1 : 0;
    buffer.writeUInt32BE(messageBytes, 1);
  }

  send(buffer: Buffer, done: (refusal: Refusal, answered: boolean) => void): void {
    const stream = this.#session().request(this.#headers);
    let status: string | undefined;
    let message = '';
    const read = (headers: IncomingHttpHeaders): void => {
      if (headers['grpc-status'] === undefined) return;
      status = String(headers['grpc-status']);
      message = percentDecoded(String(headers['grpc-message'] ?? ''));
    };
    stream.on('response', read); // a refusal may be headers alone
    stream.on('trailers', read);
    stream.on('error', (failure) => (message = failure.message)); // 'close' follows
    stream.on('close', () => {
      if (status === undefined) done(`no answer: ${message || 'the stream was closed'}`, false);
      else done(status === '0' ? '' : `gRPC status ${status}: ${message}`, true);
    });
    stream.resume();
    stream.end(buffer);
  }

  close(): void {
    for (const session of this.#sessions) session?.destroy();
  }

  #session(): ClientHttp2Session {
    this.#turn = (this.#turn + 1) % this.#sessions.length;
    const at = this.#turn;
    const open = this.#sessions[at];
    if (open !== null && open !== undefined) return open;
    const session = connect(this.#url, { settings: { enablePush: false } });
    this.#sessions[at] = session;
    const forget = (): void => {
      if (this.#sessions[at] === session) this.#sessions[at] = null;
    };
    session.on('goaway', forget);
    session.on('close', forget);
    session.on('error', () => session.destroy(undefined, constants.NGHTTP2_CANCEL)); // its streams report it, one by one
    return session;
  }
}

/** grpc-message is percent-encoded UTF-8; one that is not is shown as it came (gRPC over HTTP2, Responses). */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
