import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkload, PAYLOADS, readWorkload, stampSendNumber, writeWorkload } from '#bench/load/workload.ts';
import { listSpanIds } from '#test/support/otlp-proto.ts';

const ids = (bytes: Buffer): string[] => listSpanIds(bytes).map((both) => both.split(':')[1]);

test('the same arguments give the same bytes, and a file gives them back', () => {
  const made = makeWorkload(20);
  const directory = mkdtempSync(join(tmpdir(), 'millrace-workload-'));
  try {
    const file = join(directory, 'workload.bin');
    writeWorkload(file, makeWorkload(20));
    const read = readWorkload(file);
    assert.equal(read.spansPerRequest, 20);
    assert.equal(read.payloads.length, PAYLOADS);
    read.payloads.forEach((payload, p) => {
      assert.ok(payload.bytes.equals(made.payloads[p]?.bytes));
      assert.deepEqual(payload.spanIdAt, made.payloads[p]?.spanIdAt);
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('payloads look like the ones behind the published figures: about 430 bytes a span at 512 spans', () => {
  const { payloads } = makeWorkload(512);
  const perSpan = payloads.reduce((sum, p) => sum + p.bytes.length, 0) / payloads.length / 512;
  assert.ok(perSpan > 380 && perSpan < 480, `${perSpan} bytes a span`);
});

test('every send of every payload has span ids of its own', () => {
  const { payloads } = makeWorkload(7);
  const seen = new Set<string>();
  for (let send = 0; send < 3 * PAYLOADS; send++) {
    const payload = payloads[send % PAYLOADS];
    assert.ok(payload !== undefined);
    stampSendNumber(payload.bytes, 0, payload.spanIdAt, send * 0x01010101);
    for (const id of ids(payload.bytes)) seen.add(id);
  }
  assert.equal(seen.size, 3 * PAYLOADS * 7);
});

test('stamping writes the send number big-endian and nothing else', () => {
  const payload = makeWorkload(2).payloads[1];
  assert.ok(payload !== undefined);
  const stamped = Buffer.concat([Buffer.alloc(5), payload.bytes]);
  stampSendNumber(stamped, 5, payload.spanIdAt, 0xfedcba98);
  assert.deepEqual(ids(stamped.subarray(5)), ['b5010000fedcba98', 'b5010001fedcba98']);
  stampSendNumber(stamped, 5, payload.spanIdAt, 0);
  assert.ok(stamped.subarray(5).equals(payload.bytes));
});
