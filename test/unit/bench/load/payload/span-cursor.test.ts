import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanCursor } from '#bench/load/payload/span-cursor.ts';
import { encodeMessage, listSpanIds, messageType } from '#test/support/otlp-proto.ts';
import { makeTraces } from '#test/support/payloads.ts';

function spanIds(bytes: Buffer): string[] {
  const ids: string[] = [];
  const cursor = new SpanCursor().reset(bytes, 0, bytes.length);
  while (cursor.next()) ids.push(bytes.toString('hex', cursor.spanIdAt, cursor.spanIdAt + 8));
  return ids;
}

test('finds the span ids that the oracle finds, in order', () => {
  for (const [spans, resources] of [
    [512, 4],
    [20, 3],
    [1, 1],
  ] as const) {
    const bytes = makeTraces({ spans, resources, seed: 7 });
    assert.deepEqual(
      spanIds(bytes),
      listSpanIds(bytes).map((both) => both.split(':')[1]),
    );
  }
});

test('gives the bytes of the span, its resource and its scope', () => {
  const span = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2), name: 'GET /' };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };
  const request = {
    resourceSpans: [
      { resource, schemaUrl: 'u', scopeSpans: [{ scope: { name: 's' }, schemaUrl: 'v', spans: [span] }] },
    ],
  };
  const bytes = encodeMessage(messageType('ExportTraceServiceRequest'), request);
  const cursor = new SpanCursor().reset(bytes, 0, bytes.length);
  assert.equal(cursor.next(), true);
  assert.deepEqual(bytes.subarray(cursor.spanStart, cursor.spanEnd), encodeMessage(messageType('Span'), span));
  assert.deepEqual(
    bytes.subarray(cursor.resourceStart, cursor.resourceEnd),
    encodeMessage(messageType('Resource'), resource),
  );
  assert.deepEqual(
    bytes.subarray(cursor.scopeStart, cursor.scopeEnd),
    encodeMessage(messageType('InstrumentationScope'), { name: 's' }),
  );
  assert.equal(cursor.next(), false);
});

test('a resource or a scope does not carry over to the next entry, which has none', () => {
  const span = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2) };
  const bytes = encodeMessage(messageType('ExportTraceServiceRequest'), {
    resourceSpans: [
      { resource: { droppedAttributesCount: 3 }, scopeSpans: [{ scope: { name: 's' }, spans: [span] }] },
      { scopeSpans: [{ spans: [span] }] },
    ],
  });
  const cursor = new SpanCursor().reset(bytes, 0, bytes.length);
  cursor.next();
  assert.equal(cursor.next(), true);
  assert.equal(cursor.resourceEnd - cursor.resourceStart, 0);
  assert.equal(cursor.scopeEnd - cursor.scopeStart, 0);
});

test('every truncation is refused', () => {
  const bytes = makeTraces({ spans: 3, resources: 1, seed: 3 });
  for (let end = 1; end < bytes.length; end++) assert.throws(() => spanIds(bytes.subarray(0, end)), /byte \d+|span_id/);
});

test('a span without a span_id of 8 bytes is refused', () => {
  const request = (span: object): Buffer =>
    encodeMessage(messageType('ExportTraceServiceRequest'), { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  assert.throws(() => spanIds(request({ name: 'x' })), /without span_id/);
  assert.throws(() => spanIds(request({ spanId: Buffer.alloc(7) })), /span_id of 7 bytes/);
});

test('fields may come in any order: a resource and a scope behind their spans are found', () => {
  const field = (number: number, bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  const span = field(2, Buffer.concat([field(5, Buffer.from('name')), field(2, Buffer.alloc(8, 2))]));
  const scope = Buffer.from('scope');
  const resource = Buffer.from('resource');
  const scopeSpans = Buffer.concat([field(3, Buffer.from('url')), span, span, field(1, scope)]);
  const resourceSpans = Buffer.concat([field(2, scopeSpans), field(1, resource)]);
  const bytes = Buffer.concat([field(1, resourceSpans), field(1, field(2, span))]);
  const cursor = new SpanCursor().reset(bytes, 0, bytes.length);
  const seen: string[][] = [];
  while (cursor.next())
    seen.push([
      bytes.toString('latin1', cursor.resourceStart, cursor.resourceEnd),
      bytes.toString('latin1', cursor.scopeStart, cursor.scopeEnd),
    ]);
  assert.deepEqual(seen, [
    ['resource', 'scope'],
    ['resource', 'scope'],
    ['', ''],
  ]);
});
