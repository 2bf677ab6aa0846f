/**
 * Sends one OTLP request the plain way: gRPC with @grpc/grpc-js, HTTP with fetch. Tells what the server answered; never
 * throws for an answer, only when there was none.
 */
import * as grpc from '@grpc/grpc-js';
import { SIGNAL_NAMES, type Signal } from '#shared/signal.ts';

export interface Answered {
  readonly ok: boolean;
  /** gRPC status code, or HTTP status. */
  readonly code: number;
  readonly message: string;
  readonly retryAfter: string | null;
}

const SERVICES = ['trace.v1.TraceService', 'metrics.v1.MetricsService', 'logs.v1.LogsService'];
const raw = (bytes: Buffer): Buffer => bytes;

/** One connection for many requests; close it. */
export class GrpcSender {
  readonly #client: grpc.Client;
  constructor(port: number, options: grpc.ClientOptions = {}) {
    this.#client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
  }
  send(signal: Signal, bytes: Buffer, deadlineMs = 20_000): Promise<Answered> {
    const path = `/opentelemetry.proto.collector.${SERVICES[signal]}/Export`;
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(path, raw, raw, bytes, { deadline: Date.now() + deadlineMs }, (error) => {
        resolve({ ok: error === null, code: error?.code ?? 0, message: error?.details ?? '', retryAfter: null });
      });
    });
  }
  close(): void {
    this.#client.close();
  }
}

export async function sendGrpc(port: number, signal: Signal, bytes: Buffer): Promise<Answered> {
  const sender = new GrpcSender(port);
  try {
    return await sender.send(signal, bytes);
  } finally {
    sender.close();
  }
}

export async function sendHttp(
  port: number,
  signal: Signal,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/${SIGNAL_NAMES[signal]}`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    signal: AbortSignal.timeout(20_000),
  });
  return {
    ok: response.ok,
    code: response.status,
    message: await response.text(),
    retryAfter: response.headers.get('retry-after'),
  };
}
