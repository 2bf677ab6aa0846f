/**
 * Scenario: the collector as a process counts and measures spans by OTTL and sends the metrics on, with 1 and with 2 workers.
 * Guarantees: every span is counted exactly once, whatever the worker count, also those that came right before SIGTERM; there is one
 * stream for each series and time; a batch on which a condition fails is refused to its sender.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { startCollector } from '#test/support/collector.ts';
import { requestOf, text } from '#test/support/ottl.ts';
import { sendHttp } from '#test/support/otlp-send.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';
import { PayloadSource } from '#test/support/payloads.ts';
import { pointsOf } from '#test/support/series-store.ts';

const config = (port: number, sink: string): string => `
otelcol.receiver.otlp "default" {
  http { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.connector.count.default.input, otelcol.connector.signaltometrics.default.input] }
}
otelcol.connector.count "default" {
  spans {
    name       = "spans"
    conditions = ["attributes[\\"fail\\"] == nil or HasPrefix(attributes[\\"none\\"], \\"x\\")"]
  }
  output { metrics = [otelcol.exporter.otlphttp.default.input] }
}
otelcol.connector.signaltometrics "default" {
  error_mode = "ignore"
  spans {
    name = "durations"
    histogram { value = "Milliseconds(end_time - start_time)" }
  }
  output { metrics = [otelcol.exporter.otlphttp.default.input] }
}
otelcol.exporter.otlphttp "default" {
  client { endpoint = "${sink}" }
}`;

for (const workers of [1, 2])
  test(`${workers} worker(s): each span once, one stream for each series`, async (t) => {
    const sink = await startOtlpSink();
    t.after(() => sink.close());
    const collector = await startCollector({
      flags: [`--workers=${workers}`, '--stability.level=experimental'],
      config: ([port]) => config(port, sink.httpUrl),
    });
    t.after(() => collector[Symbol.asyncDispose]());
    const [port] = collector.ports;
    const source = new PayloadSource(5);
    for (let i = 0; i < 10; i++) assert.ok((await sendHttp(port, TRACES, source.traces(100, 4))).ok);
    const failing = requestOf(TRACES, [
      { name: 'x', traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), attributes: [text('fail', 'yes')] },
    ]);
    const refused = await sendHttp(port, TRACES, failing);
    assert.deepEqual([refused.ok, refused.code], [false, 500]);
    assert.equal((await collector.stop('SIGTERM')).code, 0);

    const points = sink.accepted.flatMap((request) => pointsOf(request.bytes));
    const total = (metric: string, field: string): number =>
      points.filter((p) => p.metric === metric).reduce((sum, p) => sum + Number(p.point[field]), 0);
    assert.equal(total('spans', 'asInt'), 1000);
    assert.equal(total('durations', 'count'), 1001);
    const streams = points.map((p) => [p.metric, p.resource, p.key, String(p.point['timeUnixNano'])].join(' '));
    assert.deepEqual(
      streams.filter((stream, i) => streams.indexOf(stream) !== i),
      [],
    );
  });
