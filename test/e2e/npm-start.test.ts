/**
 * Scenario: the collector as a new user starts it, through npm. Guarantees: `npm start` passes configuration and flags on,
 * says where to send spans and what to open, a signal sent to npm reaches the collector, which drains, and nothing stays
 * behind.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { listSpanIds } from '#test/support/otlp-proto.ts';
import { sendHttp } from '#test/support/otlp-send.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';
import { makeTraces } from '#test/support/payloads.ts';

const ROOT = join(import.meta.dirname, '../..');

const refused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });

/** Starts npm in the project; its output, and the promise of its end. Killed with everything it started when the test ends. */
function npmStart(t: TestContext, args: readonly string[]) {
  const child = spawn('npm', ['start', '--', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const state = { output: '' };
  let look = (): void => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      state.output += text;
      look();
    });
  }
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  t.after(
    () => child.exitCode === null && child.signalCode === null && process.kill(-(child.pid as number), 'SIGTERM'),
  );
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => state.output.includes(text) && resolve();
      look();
      void ended.then(() => reject(new Error(`npm ended first:\n${state.output}`)));
    });
  return { child, state, ended, says };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`npm start with a configuration; ${signal} to npm drains the collector and leaves nothing behind`, async (t) => {
    const sink = await startOtlpSink();
    t.after(() => sink.close());
    const [port, admin] = await freePorts(2);
    const folder = mkdtempSync(join(tmpdir(), 'millrace-npm-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(
      join(folder, 'config.alloy'),
      `otelcol.receiver.otlp "in" {
         http { endpoint = "127.0.0.1:${port}" }
         output { traces = [otelcol.processor.batch.b.input] }
       }
       otelcol.processor.batch "b" {
         timeout = "1m"
         output { traces = [otelcol.exporter.otlphttp.out.input] }
       }
       otelcol.exporter.otlphttp "out" {
         client { endpoint = "${sink.httpUrl}" }
       }`,
    );
    const npm = npmStart(t, [join(folder, 'config.alloy'), `--server.http.listen-addr=127.0.0.1:${admin}`]);
    await npm.says('millrace is running');
    const sent = makeTraces({ spans: 25, seed: 9 });
    assert.ok((await sendHttp(port, TRACES, sent)).ok);
    npm.child.kill(signal);
    await npm.ended;
    await npm.says('everything is flushed').catch(() => assert.fail(npm.state.output));
    assert.ok(await refused(port));
    assert.ok(await refused(admin));
    assert.deepEqual(sink.accepted.flatMap((r) => listSpanIds(r.bytes)).sort(), listSpanIds(sent).sort());
  });
}
