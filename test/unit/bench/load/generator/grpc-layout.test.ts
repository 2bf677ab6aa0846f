import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layOut } from '#bench/load/generator/grpc-layout.ts';
import { makeWorkload } from '#bench/load/payload/catalog.ts';

const HEAD = 9;

test('frames joined are the gRPC message, none is too large, only the last ends the stream, and no span id is cut', () => {
  const payload = makeWorkload('shop', 512, 1).payloads[0];
  assert.ok(payload !== undefined);
  const { bytes, frameAt, spanIdAt } = layOut(payload.bytes, payload.spanIdAt, false, 100);
  assert.equal(frameAt[0], 100);
  const parts: Buffer[] = [];
  frameAt.forEach((at, f) => {
    const end = frameAt[f + 1] ?? bytes.length;
    assert.equal(bytes.readUIntBE(at, 3), end - at - HEAD);
    assert.ok(end - at - HEAD <= 16_384);
    assert.equal(bytes[at + 3], 0);
    assert.equal(bytes[at + 4], f + 1 === frameAt.length ? 1 : 0);
    parts.push(bytes.subarray(at + HEAD, end));
  });
  const body = Buffer.concat(parts);
  assert.equal(body[0], 0);
  assert.equal(body.readUInt32BE(1), payload.bytes.length);
  assert.ok(body.subarray(5).equals(payload.bytes));
  spanIdAt.forEach((at, i) => {
    const sent = payload.spanIdAt[i] ?? NaN;
    assert.ok(bytes.subarray(at, at + 8).equals(payload.bytes.subarray(sent, sent + 8)), `span ${i}`);
  });
});

test('every place of a span id at the end of a frame', () => {
  for (let at = 16_384 - 5 - 9; at <= 16_384 - 5 + 1; at++) {
    const message = Buffer.alloc(40_000);
    message.write('spanspan', at);
    const laid = layOut(message, Uint32Array.of(at), true, 0);
    const placed = laid.spanIdAt[0] ?? NaN;
    assert.equal(laid.bytes.toString('latin1', placed, placed + 8), 'spanspan', `at ${at}`);
    assert.equal(laid.bytes[HEAD], 1);
  }
});

test('an empty message is one frame', () => {
  const { bytes, frameAt } = layOut(Buffer.alloc(0), new Uint32Array(), false, 0);
  assert.deepEqual([...frameAt], [0]);
  assert.equal(bytes.length, HEAD + 5);
});
