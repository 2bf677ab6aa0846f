import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { makeWorkload, PAYLOAD_NAMES } from '#bench/load/payload/catalog.ts';
import { PAYLOADS, readWorkload, stampSendNumber, writeWorkload } from '#bench/load/payload/workload.ts';
import { listSpanIds } from '#test/support/otlp-proto.ts';

const ids = (bytes: Buffer): string[] => listSpanIds(bytes).map((both) => both.split(':')[1]);

test('the same arguments give the same bytes, and a file gives them back', () => {
  const made = makeWorkload('shop', 20);
  const directory = mkdtempSync(join(tmpdir(), 'millrace-workload-'));
  try {
    const file = join(directory, 'workload.bin');
    writeWorkload(file, makeWorkload('shop', 20));
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
  const { payloads } = makeWorkload('shop', 512, 4);
  const perSpan = payloads.reduce((sum, p) => sum + p.bytes.length, 0) / payloads.length / 512;
  assert.ok(perSpan > 380 && perSpan < 480, `${perSpan} bytes a span`);
});

test('every send of every payload has span ids of its own', () => {
  const { payloads } = makeWorkload('shop', 7);
  const seen = new Set<string>();
  for (let send = 0; send < 3 * PAYLOADS; send++) {
    const payload = payloads[send % PAYLOADS];
    assert.ok(payload !== undefined);
    stampSendNumber(payload.bytes, payload.spanIdAt, send * 0x01010101);
    for (const id of ids(payload.bytes)) seen.add(id);
  }
  assert.equal(seen.size, 3 * PAYLOADS * 7);
});

test('stamping writes the send number big-endian and nothing else', () => {
  const payload = makeWorkload('shop', 2).payloads[1];
  assert.ok(payload !== undefined);
  const stamped = Buffer.concat([Buffer.alloc(5), payload.bytes]);
  const spanIdAt = payload.spanIdAt.map((at) => at + 5);
  stampSendNumber(stamped, spanIdAt, 0xfedcba98);
  assert.deepEqual(ids(stamped.subarray(5)), ['b5010000fedcba98', 'b5010001fedcba98']);
  stampSendNumber(stamped, spanIdAt, 0);
  assert.ok(stamped.subarray(5).equals(payload.bytes));
});

test('semantic-convention spans are as large, and compress as well, as the ones behind the published figures', () => {
  const { payloads } = makeWorkload('semconv', 1000, 2);
  const perSpan = (size: (bytes: Buffer) => number): number =>
    payloads.reduce((sum, { bytes }) => sum + size(bytes), 0) / payloads.length / 1000;
  const near = (value: number, wanted: number, what: string): void =>
    assert.ok(Math.abs(value / wanted - 1) < 0.1, `${what}: ${value} instead of ${wanted}`);
  near(
    perSpan((bytes) => bytes.length),
    810,
    'plain',
  );
  near(
    perSpan((bytes) => gzipSync(bytes).length),
    141,
    'gzip',
  );
  near(
    perSpan((bytes) => zstdCompressSync(bytes).length),
    66,
    'zstd',
  );
});

test('spans of the testbed have their size, with and without attributes', () => {
  const perSpan = (name: (typeof PAYLOAD_NAMES)[number]): number => {
    const { payloads } = makeWorkload(name, 10, 1);
    return (payloads[0]?.bytes.length ?? 0) / 10;
  };
  const plain = perSpan('testbed');
  assert.ok(plain > 130 && plain < 170, `${plain}`);
  assert.ok(perSpan('testbed-100x50') > plain + 100 * 50);
  assert.ok(perSpan('testbed-10x1000') > plain + 10 * 1000);
  assert.ok(perSpan('testbed-20x5000') > plain + 20 * 5000);
});

test('every payload has the number of spans asked for, in each request', () => {
  for (const name of PAYLOAD_NAMES) {
    for (const { spanIdAt } of makeWorkload(name, 3, 2).payloads) assert.equal(spanIdAt.length, 3, name);
  }
});
