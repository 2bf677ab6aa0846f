import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '#bench/load/options.ts';
import type { Scenario } from '#bench/load/scenario/scenario.ts';

const only = (...args: string[]): Scenario => parseOptions(args).scenarios[0];

test('without arguments: the default scenario with its own systems', () => {
  const options = parseOptions([]);
  assert.deepEqual(
    options.scenarios.map(({ name }) => name),
    ['default'],
  );
  assert.equal(options.systems, null);
  assert.deepEqual(options.scenarios[0]?.systems, ['millrace', 'naive']);
  assert.equal(options.workers, 1);
});

test('values of the command line go over those of every scenario', () => {
  const { scenarios } = parseOptions(['--scenario=small,soak', '--spans', '7', '--duration=2m', '--rate=900']);
  for (const s of scenarios) assert.deepEqual([s.spans, s.durationSeconds, s.rate], [7, 120, 900]);
  const s = only('--compression=gzip', '--compression-out=zstd', '--sink-rate=5', '--sink-delay=6', '--connections=2');
  assert.deepEqual(
    [s.compressionIn, s.compressionOut, s.sinkRate, s.sinkDelayMs, s.connections],
    ['gzip', 'zstd', 5, 6, 2],
  );
});

test('times have units', () => {
  for (const [text, seconds] of [
    ['5', 5],
    ['2.5', 2.5],
    ['500ms', 0.5],
    ['90s', 90],
    ['10m', 600],
    ['1h', 3600],
  ] as const) {
    assert.equal(only(`--duration=${text}`).durationSeconds, seconds);
    assert.equal(only(`--seconds=${text}`).durationSeconds, seconds);
  }
  assert.throws(() => only('--duration=5d'), /a time such as 5, 30s, 10m or 1h/);
  assert.throws(() => only('--duration=0'), /at least 0.1 s/);
});

test('a peer has a name, and millrace beside it', () => {
  const { peer } = parseOptions(['--peer', 'GOGC=50 /opt/otel/otelcol --config {config}']);
  assert.deepEqual([peer?.name, peer?.template], ['otelcol', null]);
  assert.equal(parseOptions(['--peer', 'x', '--peer-name=y', '--peer-config=/z']).peer?.template, '/z');
  assert.throws(() => parseOptions(['--peer-name=y']), /need --peer/);
  assert.throws(() => parseOptions(['--peer', 'millrace run']), /another name/);
});

test('CPUs, the list, and a sentence for each mistake', () => {
  assert.deepEqual(parseOptions(['--cpus=0/1-2,5']).cpus, { system: '0', load: '1-2,5' });
  assert.throws(() => parseOptions(['--cpus=0']), /two lists of CPUs/);
  assert.equal(parseOptions(['--scenario=list']).list, true);
  assert.deepEqual(parseOptions(['--system=naive']).systems, ['naive']);
  assert.throws(() => parseOptions(['--spans=0']), /--spans=0: a number from 1 to 65535/);
  assert.throws(() => parseOptions(['--rounds=1.5']), /whole number/);
  assert.throws(() => parseOptions(['--protocol=udp']), /one of grpc, http/);
  assert.throws(() => parseOptions(['--payload=x']), /one of shop, testbed/);
  assert.throws(() => parseOptions(['--sapns=1']), /sapns/);
});
