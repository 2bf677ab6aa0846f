import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameContent } from '#bench/load/sink/same-content.ts';
import { encodeMessage, messageType } from '#test/support/otlp-proto.ts';

const span = (over: object): Buffer =>
  encodeMessage(messageType('Span'), {
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, 2),
    name: 'x',
    attributes: [{ key: 'n', value: { intValue: 0 } }],
    ...over,
  });

test('empty fields, an empty status and the span id make no difference', () => {
  const parts = [span({}), Buffer.from([0x22, 0, 0x7a, 0])]; // parent_span_id and status, both empty
  assert.ok(sameContent('span', span({}), Buffer.concat(parts)));
  assert.ok(sameContent('span', span({}), span({ spanId: Buffer.alloc(8, 3) })));
  assert.ok(sameContent('resource', Buffer.alloc(0), Buffer.from([0x10, 0])));
});

test('everything else does, down to the kind of an empty attribute value', () => {
  for (const over of [
    { name: 'y' },
    { traceId: Buffer.alloc(16, 9) },
    { flags: 1 },
    { attributes: [] },
    { attributes: [{ key: 'n', value: { boolValue: false } }] },
    { attributes: [{ key: 'n', value: { intValue: 1 } }] },
    { events: [{ name: 'e' }] },
  ])
    assert.equal(sameContent('span', span({}), span(over)), false, JSON.stringify(over));
  assert.equal(sameContent('span', span({}), Buffer.from([0xff])), false);
});
