/**
 * Scenario: a connector that counts points stands behind span metrics, whose flush interval is an hour; SIGTERM comes right behind
 * the last spans.
 * Guarantees: the end comes in order. What span metrics have counted is passed on before the connector behind them ends, and what
 * that one makes of it before the exporter does; everything arrives, with 1 and with 3 workers, and through rings
 * that are smaller than a flush.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { startCollector } from '#test/support/collector.ts';
import { sendHttp } from '#test/support/otlp-send.ts';
import { startOtlpSink } from '#test/support/otlp-sink.ts';
import { PayloadSource } from '#test/support/payloads.ts';
import { pointsOf } from '#test/support/series-store.ts';

const config = (port: number, sink: string): string => `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.connector.spanmetrics.first.input] }
}
otelcol.connector.spanmetrics "first" {
  histogram { explicit { } }
  metrics_flush_interval = "1h"
  output { metrics = [otelcol.connector.count.second.input, otelcol.exporter.otlphttp.out.input] }
}
otelcol.connector.count "second" {
  datapoints { name = "points" }
  output { metrics = [otelcol.exporter.otlphttp.out.input] }
}
otelcol.exporter.otlphttp "out" {
  client { endpoint = "${sink}" }
}`;

for (const flags of ['--workers=1', '--workers=3', '--workers=1 --ring.size=64KiB'])
  test(`at the end everything arrives, in order, with ${flags}`, async (t) => {
    const sink = await startOtlpSink();
    t.after(() => sink.close());
    await using collector = await startCollector({
      flags: [...flags.split(' '), '--stability.level=experimental'],
      config: ([port]) => config(port, sink.httpUrl),
    });
    const source = new PayloadSource(11);
    for (let i = 0; i < 10; i++) assert.ok((await sendHttp(collector.ports[0], TRACES, source.traces(100, 4))).ok);
    assert.deepEqual(await collector.stop('SIGTERM'), { code: 0, signal: null }, collector.output());
    const points = sink.accepted.flatMap(({ bytes }) => pointsOf(bytes));
    const spanMetrics = points.filter(({ metric }) => metric.startsWith('traces.span.metrics'));
    const sum = (metric: string, field: string): number =>
      points.filter((p) => p.metric === metric).reduce((total, { point }) => total + Number(point[field]), 0);
    assert.equal(sum('traces.span.metrics.calls', 'asInt'), 1000);
    assert.equal(sum('traces.span.metrics.duration', 'count'), 1000);
    assert.equal(sum('points', 'asInt'), spanMetrics.length);
  });
