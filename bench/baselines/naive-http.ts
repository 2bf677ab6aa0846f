/** The naive gateway's HTTP: node:http server and keep-alive client with their defaults. */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import { errorText } from '#shared/errors.ts';
import type { Gateway, Variant } from './naive-gateway.ts';

const deflate = { gzip: promisify(gzip), zstd: promisify(zstdCompress) };
const inflate = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };

export async function serveNaiveHttp(gateway: Gateway, sinkPort: number, compression: string): Promise<Variant> {
  const server = createServer((request, response) => {
    take(gateway, request).then(
      () => answer(response, 200),
      (failure: unknown) => answer(response, 400, errorText(failure)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const agent = new Agent({ keepAlive: true });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    export: async (request) =>
      compression === 'gzip' || compression === 'zstd'
        ? send(agent, sinkPort, await deflate[compression](request), compression)
        : send(agent, sinkPort, request, null),
    close: () => agent.destroy(),
  };
}

async function take(gateway: Gateway, request: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const encoding = request.headers['content-encoding'];
  if (encoding === 'gzip' || encoding === 'zstd') await gateway.take(await inflate[encoding](body));
  else await gateway.take(body);
}

function answer(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status, { 'content-type': 'application/x-protobuf', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function send(agent: Agent, port: number, body: Uint8Array, encoding: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        agent,
        host: '127.0.0.1',
        port,
        path: '/v1/traces',
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-length': body.length,
          ...(encoding === null ? {} : { 'content-encoding': encoding }),
        },
      },
      (response) => {
        response.resume();
        response.once('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`HTTP status ${response.statusCode}`)),
        );
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}
