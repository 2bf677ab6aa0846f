/**
 * Scenario: the collector as a process counts and measures by OTTL and sends the metrics on, as deltas or added up, with 1 and with
 * more workers.
 * Guarantees: every item is counted exactly once, whatever the worker count, also those that came right before SIGTERM; there is one
 * stream for each series and time, which never goes back when it is added up; a batch on which a condition fails is refused to its
 * sender.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countItems } from '#codec/otlp/count.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { startCollector } from '#test/support/collector.ts';
import { decodeRequest, type PlainMessage } from '#test/support/otlp-proto.ts';
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

const addedUp = (port: number, sink: string): string => `
otelcol.receiver.otlp "default" {
  http { endpoint = "127.0.0.1:${port}" }
  output {
    traces  = [otelcol.connector.count.default.input]
    metrics = [otelcol.connector.count.default.input]
    logs    = [otelcol.connector.count.default.input]
  }
}
otelcol.connector.count "default" {
  output { metrics = [otelcol.processor.deltatocumulative.default.input] }
}
otelcol.processor.deltatocumulative "default" {
  output { metrics = [otelcol.exporter.otlphttp.default.input] }
}
otelcol.exporter.otlphttp "default" {
  client { endpoint = "${sink}" }
  // Several would change the order of requests.
  sending_queue { num_consumers = 1 }
}`;

const list = (value: unknown): PlainMessage[] => (value ?? []) as PlainMessage[];
const metricsIn = (bytes: Buffer): number =>
  list(decodeRequest(METRICS, bytes)['resourceMetrics'])
    .flatMap((entry) => list(entry['scopeMetrics']))
    .reduce((sum, scope) => sum + list(scope['metrics']).length, 0);

for (const workers of [1, 4])
  test(`${workers} worker(s): counts of all signals, added up, are one stream for each resource`, async (t) => {
    const sink = await startOtlpSink();
    t.after(() => sink.close());
    const collector = await startCollector({
      flags: [`--workers=${workers}`, '--stability.level=experimental'],
      config: ([port]) => addedUp(port, sink.httpUrl),
    });
    t.after(() => collector[Symbol.asyncDispose]());
    const [port] = collector.ports;
    const points = () => sink.accepted.flatMap((request) => pointsOf(request.bytes));
    const streams = () => Map.groupBy(points(), (p) => `${p.resource} ${p.metric} ${p.key}`);
    const totals = () => {
      const sums: Record<string, number> = {};
      for (const [last] of [...streams().values()].map((each) => each.slice(-1)))
        sums[last.metric] = (sums[last.metric] ?? 0) + Number(last.point['asInt']);
      return sums;
    };

    const source = new PayloadSource(7);
    const expected = { spans: 0, metrics: 0, points: 0, logs: 0 };
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 5; i++) {
        const metrics = source.metrics(40, 4);
        assert.ok((await sendHttp(port, TRACES, source.traces(30, 4))).ok);
        assert.ok((await sendHttp(port, METRICS, metrics)).ok);
        assert.ok((await sendHttp(port, LOGS, source.logs(20, 4))).ok);
        expected.spans += 30;
        expected.points += countItems(METRICS, metrics);
        expected.metrics += metricsIn(metrics);
        expected.logs += 20;
      }
      // The last round is not waited for: what it brought leaves at the stop.
      if (round < 3) await sink.waitUntil(() => totals()['log.record.count'] === expected.logs);
    }
    assert.equal((await collector.stop('SIGTERM')).code, 0);

    const { 'trace.span.event.count': events, ...others } = totals();
    assert.ok(events > 0);
    assert.deepEqual(others, {
      'trace.span.count': expected.spans,
      'metric.count': expected.metrics,
      'metric.datapoint.count': expected.points,
      'log.record.count': expected.logs,
    });
    for (const [stream, each] of streams()) {
      assert.equal(new Set(each.map(({ point }) => point['startTimeUnixNano'])).size, 1, `${stream} begins once`);
      for (const [i, { point }] of each.entries()) {
        if (i === 0) continue;
        const before = each[i - 1].point;
        assert.ok(BigInt(String(point['timeUnixNano'])) > BigInt(String(before['timeUnixNano'])), stream);
        assert.ok(Number(point['asInt']) >= Number(before['asInt']), `${stream} never goes back`);
      }
    }
    // Some of them were added up over several flushes.
    assert.ok([...streams().values()].some((each) => each.length > 1));
  });
