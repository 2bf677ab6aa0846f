import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  EXPONENTIAL_POINT,
  BUCKETS,
  HISTOGRAM_POINT,
  KEY_VALUE,
  NUMBER_POINT,
  SPAN,
  SPAN_EVENT,
} from '#codec/otlp/fields.ts';
import { doubles, fixed64s, MessageView, Occurrences, varints } from '#codec/otlp/view.ts';
import { encodeMessage, messageType } from '#test/support/otlp-proto.ts';
import { delimited, tag, varint } from '#test/fuzz/codec-wire.ts';

const view = (bytes: Buffer): MessageView => new MessageView().reset(bytes, 0, bytes.length);

describe('MessageView', () => {
  const span = view(
    encodeMessage(messageType('Span'), {
      traceId: Buffer.alloc(16, 0xab),
      name: 'GET /',
      kind: 2,
      startTimeUnixNano: '1769000000000000001',
      flags: 257,
      attributes: [
        { key: 'a', value: { stringValue: '1' } },
        { key: 'b', value: { intValue: 2 } },
      ],
      events: [{ name: 'first' }, { name: 'second' }],
      droppedEventsCount: 3,
      status: {},
    }),
  );

  it('reads scalar fields', () => {
    assert.equal(span.hex(SPAN.traceId), 'ab'.repeat(16));
    assert.equal(span.string(SPAN.name), 'GET /');
    assert.equal(span.uint32(SPAN.kind), 2);
    assert.equal(span.uint64(SPAN.startTimeUnixNano), 1769000000000000001n);
    assert.equal(span.fixed32(SPAN.flags), 257);
    assert.equal(span.uint32(SPAN.droppedEventsCount), 3);
  });

  it('has the defaults of absent fields', () => {
    assert.equal(span.has(SPAN.parentSpanId), false);
    assert.deepEqual(
      [
        span.hex(SPAN.parentSpanId),
        span.string(SPAN.traceState),
        span.uint64(SPAN.endTimeUnixNano),
        span.count(SPAN.links),
      ],
      ['', '', 0n, 0],
    );
    assert.deepEqual([span.has(SPAN.status), span.start(SPAN.status) === span.stop(SPAN.status)], [true, true]);
  });

  it('walks repeated fields, nested too', () => {
    const event = new MessageView();
    const names: string[] = [];
    for (const each = new Occurrences().over(span, SPAN.events); each.next();)
      names.push(event.reset(span.buf, each.start, each.stop).string(SPAN_EVENT.name));
    for (const each = new Occurrences().over(span, SPAN.attributes); each.next();)
      names.push(event.reset(span.buf, each.start, each.stop).string(KEY_VALUE.key));
    assert.deepEqual(names, ['first', 'second', 'a', 'b']);
    assert.equal(new Occurrences().over(span, SPAN.links).next(), false);
  });

  it('takes the last of a field that comes twice and ignores another wire type', () => {
    const odd = view(
      Buffer.concat([delimited(SPAN.name, 'old'), delimited(SPAN.name, 'new'), tag(SPAN.kind, 5), Buffer.alloc(4, 1)]),
    );
    assert.equal(odd.string(SPAN.name), 'new');
    assert.equal(odd.uint32(SPAN.kind), 0);
  });

  it('forgets the message before', () => {
    const reused = view(encodeMessage(messageType('Span'), { name: 'x', kind: 1 }));
    reused.reset(Buffer.alloc(0), 0, 0);
    assert.deepEqual([reused.string(SPAN.name), reused.uint32(SPAN.kind)], ['', 0]);
  });

  it('reads points: signed, double and packed numbers', () => {
    const number = view(encodeMessage(messageType('NumberDataPoint'), { asInt: -5 }));
    assert.equal(number.int64(NUMBER_POINT.asInt), -5n);
    assert.equal(
      view(encodeMessage(messageType('NumberDataPoint'), { asDouble: 0.5 })).double(NUMBER_POINT.asDouble),
      0.5,
    );
    const histogram = view(
      encodeMessage(messageType('HistogramDataPoint'), { bucketCounts: [1, 2, 3], explicitBounds: [0.5, 1] }),
    );
    assert.deepEqual(fixed64s(histogram, HISTOGRAM_POINT.bucketCounts), [1n, 2n, 3n]);
    assert.deepEqual(doubles(histogram, HISTOGRAM_POINT.explicitBounds), [0.5, 1]);
    const exponential = view(
      encodeMessage(messageType('ExponentialHistogramDataPoint'), {
        scale: -3,
        positive: { offset: -4, bucketCounts: [1, 300] },
      }),
    );
    assert.equal(exponential.sint32(EXPONENTIAL_POINT.scale), -3);
    const buckets = new MessageView().reset(
      exponential.buf,
      exponential.start(EXPONENTIAL_POINT.positive),
      exponential.stop(EXPONENTIAL_POINT.positive),
    );
    assert.equal(buckets.sint32(BUCKETS.offset), -4);
    assert.deepEqual(varints(buckets, BUCKETS.bucketCounts), [1n, 300n]);
    const single = view(Buffer.concat([tag(2, 0), varint(7), tag(2, 0), varint(2n ** 64n - 1n)]));
    assert.deepEqual(varints(single, BUCKETS.bucketCounts), [7n, 2n ** 64n - 1n]);
  });
});
