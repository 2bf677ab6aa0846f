/**
 * Scenario: the collector as a process between an OTLP sender and a Loki that answers 503 at first: OTLP logs become lines, run
 * through stages and rules, and are pushed. Guarantees: every record that was accepted arrives exactly once, with its labels and
 * its time to the nanosecond, with 1 and with 2 workers; records of a resource keep their order; SIGTERM loses nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGS } from '#shared/signal.ts';
import { startCollector } from '#test/support/collector.ts';
import { oraclePushed } from '#test/support/loki.ts';
import { sendHttp } from '#test/support/otlp-send.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { startPushSink, until, type PushSink } from '#test/support/push-sink.ts';

const config = (sink: PushSink) => (ports: readonly number[]) => `
otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${ports[0]}" }
  output { logs = [otelcol.exporter.loki.spans.input] }
}
otelcol.exporter.loki "spans" {
  forward_to = [loki.process.spans.receiver]
}
loki.process "spans" {
  forward_to = [loki.relabel.spans.receiver]
  stage.logfmt { mapping = { svc = "", dur = "", tid = "" } }
  stage.drop {
    source     = "dur"
    expression = "^0ns$"
  }
  stage.labels { values = { svc = "" } }
  stage.structured_metadata { values = { tid = "" } }
  stage.template {
    source   = "out"
    template = "{{ ToUpper .svc }}: {{ .Entry }}"
  }
  stage.output { source = "out" }
}
loki.relabel "spans" {
  forward_to = [loki.write.here.receiver]
  rule {
    source_labels = ["svc"]
    target_label  = "service"
  }
  rule {
    regex  = "svc|exporter"
    action = "labeldrop"
  }
}
loki.write "here" {
  external_labels = { cluster = "test" }
  endpoint {
    url                = "${sink.url}/loki/api/v1/push"
    batch_wait         = "20ms"
    min_backoff_period = "10ms"
    max_backoff_period = "20ms"
  }
}`;

const SERVICES = ['api', 'db', 'web "x"'];
const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

/** Ten records of one service; the fourth one is to be dropped. */
function request(service: string, from: number): Buffer {
  const logRecords = Array.from({ length: 10 }, (_, i) => ({
    timeUnixNano: String(1_700_000_000_000_000_000n + BigInt(from + i)),
    body: {
      stringValue: `svc=${JSON.stringify(service)} dur=${i === 3 ? 0 : from + i + 1}ns tid=${String(from + i).padStart(32, '0')}`,
    },
  }));
  return encodeRequest(LOGS, {
    resourceLogs: [
      {
        resource: { attributes: [attribute('loki.format', 'raw')] },
        scopeLogs: [{ logRecords }],
      },
    ],
  });
}

for (const workers of [1, 2]) {
  test(`logs arrive as lines once, ${workers} worker(s)`, async (t) => {
    const sink = await startPushSink(t);
    const accepted: Buffer[] = [];
    sink.answer = ({ body }, i) => {
      if (i < 2) return { status: 503 };
      accepted.push(body);
      return { status: 204 };
    };
    const collector = await startCollector({ ports: 1, flags: [`--workers=${workers}`], config: config(sink) });
    t.after(() => collector[Symbol.asyncDispose]());
    for (let i = 0; i < 30; i++) {
      const { ok } = await sendHttp(collector.ports[0], LOGS, request(SERVICES[i % 3], i * 10));
      assert.ok(ok, collector.output());
    }
    // The refusals are over: at the end a batch gets one more attempt only.
    await until(() => accepted.length > 0);
    assert.deepEqual(await collector.stop('SIGTERM'), { code: 0, signal: null }, collector.output());
    const entries = accepted.flatMap((body) =>
      oraclePushed(body).streams.flatMap(({ labels, entries: list }) => list.map((entry) => ({ labels, ...entry }))),
    );
    const wanted = Array.from({ length: 300 }, (_, n) => n).filter((n) => n % 10 !== 3);
    const number = ({ timestamp }: (typeof entries)[number]): number => timestamp?.nanos ?? 0;
    assert.deepEqual(
      entries.map(number).sort((a, b) => a - b),
      wanted,
    );
    for (const [stream, list] of Map.groupBy(entries, ({ labels }) => labels))
      assert.deepEqual(
        list.map(number),
        list.map(number).sort((a, b) => a - b),
        `${stream} is in order`,
      );
    for (const entry of entries) {
      const n = number(entry);
      const service = SERVICES[Math.floor(n / 10) % 3];
      assert.equal(entry.labels, `{cluster="test", service=${JSON.stringify(service)}}`);
      const tid = String(n).padStart(32, '0');
      assert.deepEqual(entry.structuredMetadata, [{ name: 'tid', value: tid }]);
      assert.equal(entry.line, `${service.toUpperCase()}: svc=${JSON.stringify(service)} dur=${n + 1}ns tid=${tid}`);
    }
  });
}
