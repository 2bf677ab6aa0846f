import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceId } from '#components/otelcol/connector/spanmetrics/instance-id.ts';

test('instances differ by host, process and component, and by nothing else', () => {
  const ids = [
    instanceId('a', 'host', 1),
    instanceId('b', 'host', 1),
    instanceId('a', 'other', 1),
    instanceId('a', 'host', 2),
  ];
  assert.equal(new Set(ids).size, 4);
  assert.equal(instanceId('a', 'host', 1), ids[0]);
});
