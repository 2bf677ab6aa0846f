/** OTLP over gRPC on a few connections, each request on the next of them. */
import type { Compression } from '../messages.ts';
import { layOut, type GrpcShot } from './grpc-layout.ts';
import { Http2Connection } from './http2-connection.ts';
import type { Answer, Sender } from './sender.ts';

/** Longer than any HEADERS frame of ours. */
const HEADERS_ROOM = 512;

export class GrpcSender implements Sender<GrpcShot> {
  readonly #port: number;
  readonly #compressed: boolean;
  readonly #fields: readonly (readonly [string, string])[];
  readonly #connections: (Http2Connection | null)[];
  #turn = 0;

  constructor(port: number, compression: Compression, connections: number) {
    this.#port = port;
    this.#compressed = compression !== 'none';
    this.#fields = [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', '/opentelemetry.proto.collector.trace.v1.TraceService/Export'],
      [':authority', `127.0.0.1:${port}`],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ['user-agent', 'millrace-bench'],
      ...(compression === 'none' ? [] : [['grpc-encoding', compression] as const]),
    ];
    this.#connections = Array.from({ length: connections }, () => null);
  }

  prepare(message: Buffer, spanIdAt: Uint32Array): GrpcShot {
    return layOut(message, spanIdAt, this.#compressed, HEADERS_ROOM);
  }

  send(shot: GrpcShot, done: (answer: Answer) => void): void {
    this.#turn = (this.#turn + 1) % this.#connections.length;
    let connection = this.#connections[this.#turn];
    if (connection === null || !connection.usable)
      connection = this.#connections[this.#turn] = new Http2Connection(this.#port, this.#fields);
    connection.send(shot, done);
  }

  close(): void {
    for (const connection of this.#connections) connection?.close();
  }
}
