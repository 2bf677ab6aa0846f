/** Client of the interop tests on grpc-js. What it reads and writes: test/support/grpc-peer.ts. It has no `sdk` steps. */
import { createInterface } from 'node:readline';
import { Client, credentials, Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { TRACES } from '#shared/signal.ts';
import type { PeerAnswer, PeerOptions, PeerStep } from '#test/support/grpc-peer.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';

const GZIP = 2;
const raw = (bytes: Buffer): Buffer => bytes;

function secure({ ca, cert, key }: PeerOptions): ChannelCredentials {
  if (ca === '') return credentials.createInsecure();
  const own = cert === '' ? null : Buffer.from(cert);
  return credentials.createSsl(Buffer.from(ca), own === null ? null : Buffer.from(key), own);
}

function connect(options: PeerOptions): Client {
  return new Client(`127.0.0.1:${options.port}`, secure(options), {
    'grpc.enable_http_proxy': 0,
    ...(options.gzip ? { 'grpc.default_compression_algorithm': GZIP } : {}),
    ...(options.keepaliveMs > 0
      ? { 'grpc.keepalive_time_ms': options.keepaliveMs, 'grpc.keepalive_permit_without_calls': 1 }
      : {}),
  });
}

/** The step's spans of call number i. */
function request(step: PeerStep, i: number): Buffer {
  const attributes = [{ key: 'padding', value: { stringValue: 'x'.repeat(step.padding) } }];
  const spans = Array.from({ length: step.spans }, (_, j) => {
    const number = step.first + i * step.spans + j;
    const traceId = Buffer.alloc(16);
    traceId.writeUInt32BE(number, 0);
    traceId.writeUInt32BE(number, 12);
    return { traceId, spanId: traceId.subarray(8), name: `span ${number}`, attributes };
  });
  return encodeRequest(TRACES, { resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

/** Makes step.calls calls, step.concurrency at once, and tells the status of each. */
async function call(client: Client, step: PeerStep): Promise<PeerAnswer> {
  const metadata = new Metadata();
  for (const [name, value] of step.metadata) {
    metadata.add(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
  }
  const codes = new Array<number>(step.calls).fill(0);
  let message = '';
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < step.calls) {
      const i = next++;
      const options = { deadline: Date.now() + step.deadlineMs };
      const error = await new Promise<ServiceError | null>((resolve) =>
        client.makeUnaryRequest(step.method, raw, raw, request(step, i), metadata, options, resolve),
      );
      codes[i] = error?.code ?? 0;
      if (error !== null) message = error.message;
    }
  };
  await Promise.all(Array.from({ length: step.concurrency }, work));
  return { codes, message };
}

let client: Client | null = null;
for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line) as PeerOptions | PeerStep;
  if ('port' in told) {
    client?.close();
    client = connect(told);
  } else if (client !== null) console.log(JSON.stringify(await call(client, told)));
}
client?.close();
