/** What handlers see of a request's headers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeServer } from '#test/support/grpc-connection.ts';
import { call, REQUEST, type Fields } from '#test/support/http2-frames.ts';

async function metadata(...extra: Fields): Promise<Record<string, readonly string[]>> {
  const server = new FakeServer();
  const client = await server.connect();
  await client.send(call(1, Buffer.alloc(1), [...REQUEST, ...extra]));
  return Object.fromEntries(server.calls[0]?.call.metadata() ?? []);
}

test('nothing of the transport is seen, and the authority is the host', async () => {
  const own: Fields = [
    ['grpc-timeout', '1H'],
    ['grpc-encoding', 'gzip'],
    ['grpc-accept-encoding', 'gzip'],
  ];
  assert.deepEqual(await metadata(...own), { host: ['there'] });
  assert.deepEqual(await metadata(['host', 'elsewhere']), { host: ['there'] }, 'authority goes before host (gRFC A41)');
});

test('values keep their order; those of -bin are decoded, also joined ones', async () => {
  assert.deepEqual(await metadata(['a', '1'], ['b', '2'], ['a', '3, 4'], ['user-agent', 'x']), {
    host: ['there'],
    a: ['1', '3, 4'],
    b: ['2'],
    'user-agent': ['x'],
  });
  const bytes = ['\x00\xff', 'ab', 'abc', ''];
  const coded = bytes.map((text) => Buffer.from(text, 'latin1').toString('base64'));
  const bare = coded.map((text) => text.replace(/=+$/, ''));
  for (const form of [coded, bare]) {
    assert.deepEqual((await metadata(...form.map((text) => ['t-bin', text] as const)))['t-bin'], bytes);
    assert.deepEqual((await metadata(['t-bin', form.join(',')]))['t-bin'], bytes);
  }
});

test('clients that repeat their headers are understood each time', async () => {
  const server = new FakeServer();
  const client = await server.connect();
  for (const [i, tenant] of ['a', 'a', 'b', 'a'].entries())
    await client.send(call(2 * i + 1, Buffer.alloc(1), [...REQUEST, ['tenant', tenant]]));
  assert.deepEqual(
    server.calls.map(({ call }) => call.metadata().get('tenant')?.[0]),
    ['a', 'a', 'b', 'a'],
  );
});
