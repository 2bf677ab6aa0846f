/** The HTTP half of `otlp-sink.ts`: OTLP/HTTP on node:http(s), any path. */
import * as http from 'node:http';
import * as https from 'node:https';
import { inflate } from './sink-inflate.ts';
import { partialSuccess, rpcStatus } from './sink-messages.ts';
import type { Answer, SinkOptions, SinkRequest, SinkSignal } from './otlp-sink.ts';
import type { SocketDoor } from './socket-door.ts';

const SIGNALS: Readonly<Record<string, SinkSignal>> = { traces: 'traces', metrics: 'metrics', logs: 'logs' };

/** Serves the door's sockets; returns what closes the server. */
export function listenHttp(door: SocketDoor, take: (request: SinkRequest) => Answer, options: SinkOptions): () => void {
  const handle: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const encoding = request.headers['content-encoding'] ?? '';
      const path = request.url ?? '';
      const clientPort = request.socket.remotePort ?? 0;
      const headers: Record<string, string> = {};
      for (const [key, value] of Object.entries(request.headers))
        headers[key] = Array.isArray(value) ? value.join(', ') : (value ?? '');
      const answer = take({
        transport: 'http',
        signal: SIGNALS[path.slice(path.lastIndexOf('/') + 1)] ?? null,
        path,
        bytes: inflate(encoding, body),
        wireBytes: body.length,
        contentType: headers['content-type'] ?? '',
        encoding,
        headers,
        connection: door.numberOf(clientPort),
      });
      reply(answer, headers['content-type'] ?? '', response, () => door.reset(clientPort));
    });
  };
  const server =
    options.tls === undefined
      ? http.createServer(handle)
      : https.createServer(
          {
            ...options.tls,
            requestCert: options.tls.requestCert ?? false,
            rejectUnauthorized: options.tls.requestCert ?? false,
          },
          handle,
        );
  server.keepAliveTimeout = 0;
  server.on('tlsClientError', () => undefined); // a refused handshake is the client's finding
  door.onSocket = (socket) => server.emit('connection', socket);
  return () => server.closeAllConnections();
}

function reply(answer: Answer, contentType: string, response: http.ServerResponse, reset: () => void): void {
  const json = contentType.startsWith('application/json');
  const type = { 'content-type': json ? 'application/json' : 'application/x-protobuf' };
  const ok = (): unknown => response.writeHead(200, type).end(json ? '{}' : '');
  if (answer.kind === 'ok') ok();
  else if (answer.kind === 'held') void answer.until.then(ok);
  else if (answer.kind === 'partial') {
    const text = JSON.stringify({
      partialSuccess: { rejectedSpans: String(answer.rejected), errorMessage: answer.message },
    });
    response.writeHead(200, type).end(json ? text : partialSuccess(answer.rejected, answer.message));
  } else if (answer.kind === 'http') response.writeHead(answer.status, { ...answer.headers }).end(answer.body ?? '');
  else if (answer.kind === 'grpc')
    response.writeHead(500, type).end(rpcStatus(answer.code, answer.message, answer.retryDelayMs ?? 0));
  else if (answer.kind === 'reset') reset();
}
