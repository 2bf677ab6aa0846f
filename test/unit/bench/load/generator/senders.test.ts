import assert from 'node:assert/strict';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { GrpcSender } from '#bench/load/generator/grpc-sender.ts';
import { HttpSender } from '#bench/load/generator/http-sender.ts';
import { ACCEPTED, type Answer, type Sender } from '#bench/load/generator/sender.ts';
import { serveSink } from '#bench/load/sink/server.ts';

function send(sender: Sender, message: Buffer): Promise<Answer> {
  return new Promise((resolve) => sender.send(sender.prepare(message, new Uint32Array()), resolve));
}

test('both senders deliver whole messages to the sink, several at once', async () => {
  const messages: Buffer[] = [];
  const sink = await serveSink((bytes, start, end) => {
    messages.push(Buffer.from(bytes.subarray(start, end)));
    return 0;
  }, assert.fail);
  const senders = [new GrpcSender(sink.port, 'none', 4), new HttpSender(sink.port, 'none', 4)];
  try {
    for (const sender of senders) {
      messages.length = 0;
      const bodies = Array.from({ length: 20 }, (_, i) => Buffer.alloc(i * 20_000, i));
      for (let again = 0; again < 2; again++)
        assert.deepEqual(
          await Promise.all(bodies.map((body) => send(sender, body))),
          bodies.map(() => ACCEPTED),
        );
      assert.equal(messages.length, 40);
      for (const body of bodies) assert.equal(messages.filter((m) => m.equals(body)).length, 2);
    }
  } finally {
    for (const sender of senders) sender.close();
    await sink.close();
  }
});

async function listen(server: HttpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('HTTP: status, body and encoding are understood; a refusal before the body was read does not break the next request', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(
      `${request.method} ${request.url} ${request.headers['content-type']} ${request.headers['content-encoding']}`,
    );
    if (seen.length === 1) {
      // google.rpc.Status: code 14, message
      const body = Buffer.from('\x08\x0e\x12\x04busy\x1a\x00', 'latin1');
      response.writeHead(503, { 'content-length': body.length }).end(body);
      request.resume();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      assert.equal(gunzipSync(Buffer.concat(chunks)).toString(), 'hello');
      response.writeHead(200, { 'content-length': 0 }).end();
    });
  });
  const sender = new HttpSender(await listen(server), 'gzip', 2);
  try {
    const { gzipSync } = await import('node:zlib');
    assert.deepEqual(await send(sender, Buffer.alloc(5_000_000)), {
      outcome: 'refused',
      retryable: true,
      text: 'HTTP status 503: busy',
    });
    assert.deepEqual(await send(sender, gzipSync('hello')), ACCEPTED);
    assert.equal(seen[1], 'POST /v1/traces application/x-protobuf gzip');
  } finally {
    sender.close();
    await new Promise((closed) => server.close(closed));
  }
});

test('HTTP: a connection that breaks is a failure, not a refusal, and the next request opens another', async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    if (requests === 1) request.socket.destroy();
    else request.resume().on('end', () => response.writeHead(200, { 'content-length': 0 }).end());
  });
  const sender = new HttpSender(await listen(server), 'none', 1);
  try {
    const broken = await send(sender, Buffer.from('x'));
    assert.equal(broken.outcome, 'failed');
    assert.match(broken.text, /^no answer: /);
    assert.deepEqual(await send(sender, Buffer.from('x')), ACCEPTED);
  } finally {
    sender.close();
    await new Promise((closed) => server.close(closed));
  }
});

test('gRPC: a refusal, with its message, from @grpc/grpc-js; a dead server is a failure', async () => {
  const server = new Server();
  const asIs = (bytes: Buffer): Buffer => bytes;
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  server.addService(
    {
      Export: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    {
      Export: (_call: unknown, answer: (failure: object) => void) =>
        answer({ code: status.UNAVAILABLE, details: 'full' }),
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (failure, bound) =>
      failure ? reject(failure) : resolve(bound),
    ),
  );
  const sender = new GrpcSender(port, 'none', 1);
  try {
    assert.deepEqual(await send(sender, Buffer.from('x')), {
      outcome: 'refused',
      retryable: true,
      text: 'gRPC status 14: full',
    });
    server.forceShutdown();
    const dead = await send(sender, Buffer.from('x'));
    assert.equal(dead.outcome, 'failed');
    assert.match(dead.text, /^no answer: /);
  } finally {
    sender.close();
    server.forceShutdown();
  }
});

test('HTTP: an answer in chunks is understood, and one that closes the connection', async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (++requests === 1) response.writeHead(200).write('in ');
      else response.writeHead(400, { connection: 'close', 'content-length': 3 });
      response.end('bad');
    });
  });
  const sender = new HttpSender(await listen(server), 'none', 1);
  try {
    const answers = await Promise.all([1, 2, 3].map(() => send(sender, Buffer.from('x'))));
    assert.deepEqual(
      answers.map(({ outcome, retryable }) => [outcome, retryable]),
      [
        ['accepted', false],
        ['refused', false],
        ['refused', false],
      ],
    );
  } finally {
    sender.close();
    await new Promise((closed) => server.close(closed));
  }
});
