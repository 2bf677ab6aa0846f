/** Statuses as header blocks: never larger than every client takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GRPC } from '#shared/outcome.ts';
import { FakeServer } from '#test/support/grpc-connection.ts';
import { call, headers, REQUEST } from '#test/support/http2-frames.ts';

async function failed(code: number, message: string, details?: Buffer) {
  const server = new FakeServer();
  const client = await server.connect();
  await client.send(call(1, Buffer.alloc(1)));
  server.calls[0]?.call.fail(code, message, details);
  await client.send();
  const headersOfIt = client.out.frames.findLast(({ type }) => type === 1);
  return { answer: client.answer(1), bytes: headersOfIt?.payload.length ?? 0 };
}

test('messages are percent-encoded UTF-8', async () => {
  for (const message of ['', 'plain', '100 %', 'a\nb\r\0', 'später', '日本語', '\u{1f600}', '~ }']) {
    const { answer } = await failed(14, message);
    assert.deepEqual([answer.grpcStatus, answer.grpcMessage, answer.ended], [14, message, true]);
    assert.match(answer.headers.get('grpc-message') ?? '', /^[ -~]*$/);
  }
});

test('details are base64 without padding; too large ones are left out', async () => {
  const { answer } = await failed(8, 'wait', Buffer.of(8, 8));
  assert.equal(answer.headers.get('grpc-status-details-bin'), 'CAg');
  const large = await failed(8, 'wait', Buffer.alloc(5000));
  assert.deepEqual([large.answer.headers.has('grpc-status-details-bin'), large.answer.grpcStatus], [false, 8]);
});

test('a status with the longest message and details is under 8 KiB, what the strictest clients take', async () => {
  for (const message of [
    'x'.repeat(50_000),
    '%'.repeat(50_000),
    '日'.repeat(50_000),
    '\u{1f600}'.repeat(9000),
    `x${'ü'.repeat(5000)}`,
  ]) {
    const { answer, bytes } = await failed(14, message, Buffer.alloc(4096, 0xff));
    assert.ok(bytes < 8192, `${bytes} bytes`);
    assert.ok(
      answer.grpcMessage.length > 100 && message.startsWith(answer.grpcMessage),
      'whole characters of the message',
    );
  }
});

test('a text answer repeats only so much of what the client sent', async () => {
  const server = new FakeServer();
  const client = await server.connect();
  const fields = REQUEST.map(([name, value]) => [name, name === 'content-type' ? 'x'.repeat(30_000) : value] as const);
  await client.send(headers(1, fields, { endStream: true, split: [10_000, 10_000] }));
  const answer = client.answer(1);
  assert.deepEqual([answer.headers.get(':status'), answer.ended], ['415', true]);
  assert.ok(answer.body.length < 4096, `${answer.body.length}`);
});

test('the codes of gRPC are numbers in text', async () => {
  assert.equal((await failed(GRPC.UNAUTHENTICATED, 'no')).answer.headers.get('grpc-status'), '16');
});
