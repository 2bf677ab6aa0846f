/** The naive gateway's gRPC: @grpc/grpc-js server and client with their defaults, but for the message limit. */
import {
  Client,
  compressionAlgorithms,
  credentials,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { errorText } from '#shared/errors.ts';
import type { Gateway, Variant } from './naive-gateway.ts';

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);
const asIs = (bytes: Buffer): Buffer => bytes;

export async function serveNaiveGrpc(gateway: Gateway, sinkPort: number, compression: string): Promise<Variant> {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  server.addService(
    {
      Export: {
        path: EXPORT,
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    {
      Export(call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
        gateway.take(call.request).then(
          () => answer(null, EMPTY),
          (failure: unknown) => answer({ code: status.INVALID_ARGUMENT, details: errorText(failure) }),
        );
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (failure, bound) =>
      failure ? reject(failure) : resolve(bound),
    );
  });
  const client = new Client(`127.0.0.1:${sinkPort}`, credentials.createInsecure(), {
    'grpc.default_compression_algorithm':
      compression === 'gzip' ? compressionAlgorithms.gzip : compressionAlgorithms.identity,
  });
  return {
    port,
    stop: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    export: (request) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          EXPORT,
          (bytes: Uint8Array) => bytes as Buffer,
          asIs,
          request,
          (failure) => (failure ? reject(failure) : resolve()),
        );
      }),
    close: () => client.close(),
  };
}
