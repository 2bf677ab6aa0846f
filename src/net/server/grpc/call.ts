/**
 * One unary call on a stream: puts its message together, inflates it, hands it to the handler and answers.
 *
 *     request body  u8 compressed, u32 BE length, message     (grpc/doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message)
 *
 * A message that lies in the socket's buffer in one piece is handed on from there. Any other is copied once, into memory of
 * {@link ReceiveMemory}, which it gives back when the handler has returned.
 */
import type { Stream } from '#net/http2/stream.ts';
import { inflate, InflateError } from '#net/compression/inflate.ts';
import { GRPC } from '#shared/outcome.ts';
import type { GrpcCall, GrpcHandler, GrpcStatus } from '../grpc.ts';
import { TOO_MUCH_ARRIVING, type ReceiveMemory } from '../receive-memory.ts';
import { answerOk, answerStatus } from './answer.ts';
import { inflateName } from './encodings.ts';
import { heldBytes, type ArrivingRequest, type GrpcRequest } from './request.ts';

const PREFIX_BYTES = 5;
const EMPTY = Buffer.alloc(0);
/** Of the transport, not for handlers. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'te',
  'content-type',
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
]);

/** What the calls of a server share. */
export interface CallContext {
  readonly maxMessageBytes: number;
  readonly memory: ReceiveMemory;
  readonly nowMs: () => number;
  /** A message was refused before it reached its handler. */
  readonly onRefused: () => void;
  /** See `GrpcServerOptions`. */
  readonly admit: (path: string) => GrpcStatus | null;
  /** The call is over, however: nobody needs to watch its deadline. */
  readonly ended: (call: UnaryCall) => void;
}

export class UnaryCall implements GrpcCall, ArrivingRequest {
  readonly #stream: Stream;
  readonly #request: GrpcRequest;
  readonly #context: CallContext;
  /** Monotonic milliseconds; Infinity = none. */
  readonly deadlineMs: number;
  lastProgressMs: number;
  /** Of the prefix so far: its bytes, the flag, the length. */
  #prefixBytes = 0;
  #compressed = false;
  #length = 0;
  #buffer: Buffer | null = null;
  #filled = 0;
  #over = false;

  /** Call {@link admit} first. `nowMs`: monotonic. */
  constructor(stream: Stream, request: GrpcRequest, context: CallContext, nowMs: number) {
    this.#stream = stream;
    this.#request = request;
    this.#context = context;
    this.lastProgressMs = nowMs;
    this.deadlineMs = request.timeoutMs === 0 ? Infinity : nowMs + request.timeoutMs;
  }

  /** Counts what the call holds from now on. false: it is not admitted, or too much is held already; the call has been refused. */
  admit(): boolean {
    const { memory, admit } = this.#context;
    const refusal = admit(this.#stream.head.path);
    if (refusal !== null) {
      this.#over = true;
      answerStatus(this.#stream, refusal.code, refusal.message, refusal.details);
      return false;
    }
    if (memory.reserve(heldBytes(this.#stream.head))) return true;
    this.#over = true;
    this.#context.onRefused();
    answerStatus(this.#stream, GRPC.UNAVAILABLE, TOO_MUCH_ARRIVING);
    return false;
  }

  data(bytes: Buffer, start: number, end: number, last: boolean): void {
    if (last && this.#prefixBytes === 0 && end - start >= PREFIX_BYTES) {
      const length = bytes.readUInt32BE(start + 1);
      if (length === end - start - PREFIX_BYTES && length <= this.#context.maxMessageBytes) {
        this.#compressed = (bytes[start] & 1) !== 0;
        return this.#deliver(bytes.subarray(start + PREFIX_BYTES, end));
      }
    }
    if (this.#append(bytes, start, end) && last) this.end();
  }

  end(): void {
    if (this.#prefixBytes < PREFIX_BYTES || this.#filled < this.#length)
      return this.#refuse(
        GRPC.INTERNAL,
        this.#prefixBytes === 0 ? 'the call has no message' : 'the message is cut short',
      );
    this.#deliver(this.#buffer === null ? EMPTY : this.#buffer.subarray(0, this.#length));
  }

  gone(): void {
    this.#finish();
  }

  evict(): void {
    this.#refuse(GRPC.UNAVAILABLE, 'the request did not arrive in time, and its memory is needed; retry');
  }

  /** The client's deadline has passed. */
  expire(): void {
    if (this.#over) return;
    this.fail(GRPC.DEADLINE_EXCEEDED, 'the deadline of the call has passed');
  }

  metadata(): Map<string, readonly string[]> {
    const all = new Map<string, string[]>();
    for (const { name, value } of this.#stream.head.fields) {
      if (name.startsWith(':') || OWN_FIELDS.has(name)) continue;
      // Joined values of binary metadata are several (PROTOCOL-HTTP2.md, Custom-Metadata).
      const texts = name.endsWith('-bin') ? value.split(',').map(fromBase64) : [value];
      const values = all.get(name);
      if (values === undefined) all.set(name, texts);
      else values.push(...texts);
    }
    const { authority } = this.#stream.head;
    if (authority !== '') all.set('host', [authority]);
    return all;
  }

  reply(response: Buffer): void {
    this.#finish();
    answerOk(this.#stream, response);
  }

  fail(code: number, message: string, details?: Buffer): void {
    this.#finish();
    answerStatus(this.#stream, code, message, details);
  }

  /** Takes a piece of the body; false when the call has been refused because of it. */
  #append(bytes: Buffer, start: number, end: number): boolean {
    let p = start;
    while (this.#prefixBytes < PREFIX_BYTES && p < end) this.#prefix(bytes[p++]);
    if (this.#prefixBytes < PREFIX_BYTES) return true;
    if (this.#length > this.#context.maxMessageBytes) {
      const { maxMessageBytes } = this.#context;
      this.#refuse(
        GRPC.RESOURCE_EXHAUSTED,
        `received message larger than max (${this.#length} vs. ${maxMessageBytes})`,
      );
      return false;
    }
    if (end - p > this.#length - this.#filled) {
      this.#refuse(GRPC.INTERNAL, 'a unary call has one message, more came');
      return false;
    }
    return p === end || this.#store(bytes, p, end);
  }

  #prefix(byte: number): void {
    if (this.#prefixBytes++ === 0) this.#compressed = (byte & 1) !== 0;
    else this.#length = this.#length * 256 + byte;
  }

  #store(bytes: Buffer, start: number, end: number): boolean {
    // First, so that making room cannot give up this very call.
    this.lastProgressMs = this.#context.nowMs();
    const needed = this.#filled + end - start;
    if (this.#buffer === null || needed > this.#buffer.length) {
      const grown = this.#context.memory.grow(this.#buffer, this.#filled, needed, this.#length);
      if (grown === null) {
        this.#refuse(GRPC.UNAVAILABLE, TOO_MUCH_ARRIVING);
        return false;
      }
      this.#buffer = grown;
    }
    bytes.copy(this.#buffer, this.#filled, start, end);
    this.#filled = needed;
    return true;
  }

  #deliver(message: Buffer): void {
    const handler = this.#request.handler as GrpcHandler;
    const plain = this.#compressed ? this.#inflate(message) : message;
    if (plain === null) return;
    this.lastProgressMs = Infinity; // The client has done its part.
    handler(plain, this);
    this.#giveBack();
  }

  #inflate(message: Buffer): Buffer | null {
    const { encoding } = this.#request;
    if (encoding === 'identity') {
      this.#refuse(GRPC.INTERNAL, 'a message is marked as compressed, but the call names no compression');
      return null;
    }
    try {
      return inflate(inflateName(encoding), message, this.#context.maxMessageBytes);
    } catch (error) {
      if (!(error instanceof InflateError)) throw error;
      if (error.reason === 'too_large') this.#refuse(GRPC.RESOURCE_EXHAUSTED, error.message);
      else if (error.reason === 'corrupt') this.#refuse(GRPC.INTERNAL, `cannot inflate the message: ${error.message}`);
      else this.#refuse(GRPC.UNIMPLEMENTED, `compression "${encoding}" is not supported`);
      return null;
    }
  }

  #refuse(code: number, message: string): void {
    if (this.#over) return;
    this.#context.onRefused();
    this.fail(code, message);
  }

  #giveBack(): void {
    if (this.#buffer === null) return;
    this.#context.memory.give(this.#buffer);
    this.#buffer = null;
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveBack();
    this.#context.memory.free(heldBytes(this.#stream.head));
    this.#context.ended(this);
  }
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1');
