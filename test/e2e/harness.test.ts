/**
 * Scenario: the harness of these tests starts the CLI with good and bad configurations. Guarantees: a test gets a collector that
 * is ready or an error that says why not, and no process and no file is left behind.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { spawnCollector, startCollector } from '#test/support/collector.ts';

const RECEIVER = (ports: readonly number[]): string => `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${ports[0]}" }
  output { }
}
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a collector that starts is ready, and SIGTERM ends it with 0', async () => {
  const collector = await startCollector({ config: RECEIVER });
  const { pid, configFile } = collector;
  try {
    assert.ok(isAlive(pid));
    const response = await fetch(`${collector.adminUrl}/-/ready`);
    assert.equal(response.status, 200);
    assert.deepEqual(await collector.stop('SIGTERM'), { code: 0, signal: null }, collector.output());
  } finally {
    await collector[Symbol.asyncDispose]();
  }
  assert.equal(isAlive(pid), false);
  assert.equal(existsSync(configFile), false);
});

test('a configuration that does not load: the error holds the diagnostics', async () => {
  await assert.rejects(
    startCollector({ config: () => 'otelcol.receiver.otlp "in" {\n  nonsense = 1\n}\n' }),
    /code 1[\s\S]*config\.alloy:2:3/,
  );
});

test('a collector that is not stopped is killed when it is disposed of', async () => {
  let pid = 0;
  {
    await using collector = await spawnCollector({ config: RECEIVER });
    pid = collector.pid;
    assert.ok(isAlive(pid));
  }
  assert.equal(isAlive(pid), false);
});
