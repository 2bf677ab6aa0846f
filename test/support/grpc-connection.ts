/** A gRPC connection of our server on a {@link FakeSocket}, its clock a fake one, its answers read as a client reads them. */
import { GrpcConnection, type ServerContext } from '#net/server/grpc/connection.ts';
import { Deadlines } from '#net/server/grpc/deadlines.ts';
import type { GrpcCall, GrpcHandler, GrpcServerKeepalive } from '#net/server/grpc.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeSocket } from './fake-socket.ts';
import { AnswerReader, type Answer } from './http2-answers.ts';
import { OWN } from './http2-connection.ts';
import { hello, PATH } from './http2-frames.ts';

export const KEEPALIVE: GrpcServerKeepalive = {
  maxConnectionIdleMs: 0,
  maxConnectionAgeMs: 0,
  maxConnectionAgeGraceMs: 0,
  timeMs: 0,
  timeoutMs: 0,
  minTimeMs: 0,
  permitWithoutStream: false,
};

export const echo: GrpcHandler = (request, call) => call.reply(Buffer.from(request));

export interface Received {
  readonly request: Buffer;
  readonly call: GrpcCall;
}

/** What a server's connections share, with a handler that keeps its calls until a test answers them. */
export class FakeServer {
  readonly clock = new FakeClock();
  readonly memory: ReceiveMemory;
  readonly deadlines = new Deadlines(this.clock);
  readonly calls: Received[] = [];
  refused = 0;
  handler: GrpcHandler = (request, call) => void this.calls.push({ request: Buffer.from(request), call });
  readonly context: ServerContext;

  constructor(options: Partial<ServerContext> & { readonly memoryBytes?: number } = {}) {
    const { memoryBytes = 1 << 26, ...context } = options;
    this.memory = new ReceiveMemory(memoryBytes, this.clock);
    this.context = {
      settings: OWN,
      methods: new Map([[PATH, (request, call) => this.handler(request, call)]]),
      keepalive: KEEPALIVE,
      deadlines: this.deadlines,
      clock: this.clock,
      memory: this.memory,
      maxMessageBytes: 4 << 20,
      nowMs: () => this.clock.monotonicMs(),
      onRefused: () => this.refused++,
      admit: () => null,
      ended: (call) => this.deadlines.forget(call),
      ...context,
    };
  }

  /** A client that has said hello. */
  async connect(): Promise<FakeClient> {
    const client = new FakeClient(this.context);
    await client.send(hello());
    return client;
  }
}

export class FakeClient {
  readonly socket = new FakeSocket();
  readonly connection: GrpcConnection;
  readonly out = new AnswerReader();
  closed = false;

  constructor(context: ServerContext) {
    this.socket.onWrite = (bytes) => this.out.push(bytes);
    this.connection = new GrpcConnection(this.socket.socket, true, context);
    void this.connection.closed.then(() => (this.closed = true));
  }

  /** One chunk, and everything that follows from it but needs no time. */
  async send(...parts: readonly Buffer[]): Promise<void> {
    this.socket.receive(...parts);
    await new Promise((resolve) => setImmediate(resolve));
  }

  answer(streamId: number): Answer {
    return this.out.answer(streamId);
  }
}
