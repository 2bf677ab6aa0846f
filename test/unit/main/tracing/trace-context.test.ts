import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKept, newTraceId, remoteContext } from '#main/tracing/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test('traceparent as W3C writes it', () => {
  const context = remoteContext(`00-${TRACE}-${SPAN}-01`, 'a=b');
  assert.deepEqual(
    [context?.traceId.toString('hex'), context?.spanId.toString('hex'), context?.sampled, context?.state],
    [TRACE, SPAN, true, 'a=b'],
  );
  assert.equal(remoteContext(`00-${TRACE}-${SPAN}-fe`, '')?.sampled, false);
  assert.equal(remoteContext(`01-${TRACE}-${SPAN}-03-more`, '')?.sampled, true, 'a later version may say more');
  assert.equal(remoteContext(`00-${TRACE}-${SPAN}-01`, 'x'.repeat(513))?.state, '');
});

test('what is not valid counts as absent', () => {
  for (const header of [
    '',
    'x',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}00-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01`.repeat(1000),
  ])
    assert.equal(remoteContext(header, ''), null, header.slice(0, 80));
});

test('the share of traces that is kept is decided by the trace ID alone', () => {
  const id = Buffer.alloc(16);
  assert.equal(isKept(id, 0), false);
  assert.equal(isKept(id, Number.NaN), false);
  assert.equal(isKept(id, -1), false);
  assert.equal(isKept(id, 0.001), true);
  id.fill(0xff);
  assert.equal(isKept(id, 0.999), false);
  assert.equal(isKept(id, 1), true);
  assert.equal(isKept(id, 2), true);
  // The first bit of the half that counts does not.
  id.fill(0);
  id[8] = 0x80;
  assert.equal(isKept(id, 0.001), true);
  id[8] = 0x40;
  assert.deepEqual([isKept(id, 0.5), isKept(id, 0.500001)], [false, true]);
  const random = Array.from({ length: 500 }, newTraceId);
  for (const one of random) if (isKept(one, 0.2)) assert.ok(isKept(one, 0.3));
});
