/** The gRPC half of `otlp-sink.ts`: the three OTLP services on @grpc/grpc-js with raw buffers. */
import * as grpc from '@grpc/grpc-js';
import type { Answer, SinkOptions, SinkRequest, SinkSignal } from './otlp-sink.ts';
import { partialSuccess, rpcStatus } from './sink-messages.ts';
import type { SocketDoor } from './socket-door.ts';

const METHODS: readonly (readonly [SinkSignal, string])[] = [
  ['traces', '/opentelemetry.proto.collector.trace.v1.TraceService/Export'],
  ['metrics', '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'],
  ['logs', '/opentelemetry.proto.collector.logs.v1.LogsService/Export'],
];
const raw = (value: Buffer): Buffer => value;

/** Serves the door's sockets; returns what closes the server. */
export function listenGrpc(door: SocketDoor, take: (request: SinkRequest) => Answer, options: SinkOptions): () => void {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': 64 << 20,
    'grpc-node.flow_control_window': 1 << 20,
  });
  for (const [signal, path] of METHODS) {
    server.addService(
      {
        Export: {
          path,
          requestStream: false,
          responseStream: false,
          requestSerialize: raw,
          requestDeserialize: raw,
          responseSerialize: raw,
          responseDeserialize: raw,
        },
      },
      {
        Export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) => {
          const clientPort = Number(call.getPeer().slice(call.getPeer().lastIndexOf(':') + 1));
          const headers: Record<string, string> = {};
          for (const key of Object.keys(call.metadata.getMap())) {
            headers[key] = call.metadata
              .get(key)
              .map((v) => (typeof v === 'string' ? v : v.toString('base64')))
              .join(', ');
          }
          const authority = call.getHost();
          const request: SinkRequest = {
            transport: 'grpc',
            signal,
            path,
            bytes: Buffer.from(call.request),
            wireBytes: -1,
            contentType: headers['content-type'] ?? '',
            encoding: '',
            headers: { ...headers, ':authority': authority },
            connection: door.numberOf(clientPort),
          };
          const answer = take(request);
          if (answer.kind === 'ok') callback(null, Buffer.alloc(0));
          else if (answer.kind === 'held') void answer.until.then(() => callback(null, Buffer.alloc(0)));
          else if (answer.kind === 'partial') callback(null, partialSuccess(answer.rejected, answer.message));
          else if (answer.kind === 'reset') door.reset(clientPort);
          else if (answer.kind === 'grpc') {
            const metadata = new grpc.Metadata();
            if (answer.retryDelayMs !== undefined) {
              metadata.set('grpc-status-details-bin', rpcStatus(answer.code, answer.message, answer.retryDelayMs));
            }
            callback({ code: answer.code, details: answer.message, metadata });
          } else if (answer.kind === 'http')
            callback({ code: grpc.status.INTERNAL, details: `scripted HTTP answer ${answer.status}` });
        },
      },
    );
  }
  const tls = options.tls;
  const credentials =
    tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(
          tls.ca === undefined ? null : Buffer.from(String(tls.ca)),
          [{ cert_chain: Buffer.from(String(tls.cert)), private_key: Buffer.from(String(tls.key)) }],
          tls.requestCert ?? false,
        );
  const injector = server.createConnectionInjector(credentials);
  door.onSocket = (socket) => injector.injectConnection(socket);
  return () => {
    injector.destroy();
    server.forceShutdown();
  };
}
