import assert from 'node:assert/strict';
import { test } from 'node:test';
import { override } from '#bench/load/scenario/scenario.ts';
import { findScenarios, listScenarios, SCENARIOS } from '#bench/load/scenario/table.ts';

const names = SCENARIOS.map(({ name }) => name);

test('the names that documents promise are there, once each', () => {
  for (const name of [
    'default',
    'http',
    'gzip',
    'zstd',
    'http-gzip',
    'http-zstd',
    'small',
    'small-http',
    'single',
    'single-http',
    'semconv',
    'semconv-gzip',
    'semconv-http-zstd',
    'semconv-100k',
    'semconv-http-gzip-100k',
    'attributes',
    'testbed-grpc',
    'testbed-http-zstd',
    'testbed-attrs-0',
    'testbed-attrs-20x5000',
    'overload-fast',
    'overload-slow',
    'outage',
    'soak',
    'reload',
  ])
    assert.equal(names.filter((n) => n === name).length, 1, name);
  assert.equal(new Set(names).size, names.length);
});

test('the list has a line for each', () => {
  const lines = listScenarios().trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    names,
  );
  assert.ok(lines.every((line) => /^\S+ {2,}\S.*\S$/.test(line)));
});

test('one, several, all, and a sentence for a name that is not there', () => {
  assert.deepEqual(
    findScenarios('small,gzip').map(({ name }) => name),
    ['small', 'gzip'],
  );
  assert.equal(findScenarios('all').length, names.length);
  assert.throws(() => findScenarios('smal'), /no scenario smal; --scenario=list/);
});

test('declarations hold: a sender of the testbed is alone, HTTP has a connection per request, faults refuse', () => {
  for (const s of SCENARIOS) {
    if (s.name.startsWith('testbed-')) assert.deepEqual([s.connections, s.inFlight, s.limits !== null], [1, 1, true]);
    else if (s.protocol === 'http') assert.equal(s.connections, s.inFlight);
    if (s.plan !== 'windows') assert.deepEqual([s.queue.block, s.queue.sizer], [false, 'items']);
    assert.ok(s.spans > 0 && s.inFlight > 0 && s.rounds > 0 && s.connections <= s.inFlight, s.name);
  }
});

test('what follows from an overridden value follows, what was given stays', () => {
  const [base] = findScenarios('default');
  assert.ok(base !== undefined);
  assert.deepEqual([base.inFlight, base.connections], [16, 4]);
  const http = override(base, { protocol: 'http' });
  assert.deepEqual([http.inFlight, http.connections], [16, 16]);
  const paced = override(base, { rate: 1000 });
  assert.deepEqual([paced.inFlight, paced.connections], [256, 4]);
  const own = override(base, { rate: 1000, inFlight: 3, connections: 2 });
  assert.deepEqual([own.inFlight, own.connections], [3, 2]);
  const [testbed] = findScenarios('testbed-grpc');
  assert.ok(testbed !== undefined);
  assert.deepEqual(override(testbed, { rate: 500 }).inFlight, 1);
  assert.equal(override(testbed, { rate: 500 }).connections, 1);
  assert.deepEqual(override(base, {}), base);
});
