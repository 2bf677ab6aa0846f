/**
 * Scenario: the configuration of an OpenTelemetry Collector, unchanged, with variables of the environment, another file, and
 * values of the command line on top. Guarantees: it runs, every item arrives once, and a reload is refused with the place of the
 * mistake in the YAML, while what runs goes on.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { SIGNALS, SIGNAL_NAMES, type Signal } from '#shared/signal.ts';
import { startCollector, type CollectorOptions } from '#test/support/collector.ts';
import { listItems } from '#test/support/otlp-proto.ts';
import { sendGrpc } from '#test/support/otlp-send.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { PayloadSource } from '#test/support/payloads.ts';

const yaml = (port: number): string => `
receivers:
  otlp: { protocols: { grpc: { endpoint: "\${env:BIND:-127.0.0.1}:${port}" } } }
processors:
  batch: { timeout: 10ms }
  batch/unused:
exporters:
  otlp:
    endpoint: \${SINK}
    tls: { insecure: true }
extensions: { health_check: }
service:
  extensions: [health_check]
  pipelines: &all
    traces: { receivers: [otlp], processors: [batch], exporters: [otlp] }
    metrics: { receivers: [otlp], exporters: [otlp] }
    logs: { receivers: [otlp], exporters: [otlp] }
`;

const ways: Readonly<Record<string, (sink: OtlpSink) => Pick<CollectorOptions, 'command' | 'flags' | 'env'>>> = {
  'run --config.format=otelcol': (sink) => ({ flags: ['--config.format=otelcol'], env: { SINK: sink.grpcEndpoint } }),
  'otel --config --set': (sink) => ({
    command: (file) => [
      'otel',
      '--config',
      file,
      '--set',
      `exporters.otlp.endpoint=${sink.grpcEndpoint}`,
      '--feature-gates=a',
    ],
    env: { SINK: 'overridden:1' },
  }),
};

for (const [way, options] of Object.entries(ways))
  test(way, async (t) => {
    const sink = await startOtlpSink();
    t.after(() => sink.close());
    const collector = await startCollector({ config: ([port]) => yaml(port), ...options(sink) });
    t.after(() => collector[Symbol.asyncDispose]());
    const [port] = collector.ports;
    assert.match(
      collector.stderr,
      /config\.alloy:6:3: warning: processors::batch\/unused is in no pipeline: it does nothing/,
    );
    assert.match(
      collector.stderr,
      /config\.alloy:11:15: warning: extensions::health_check has no counterpart and is left out/,
    );
    assert.doesNotMatch(collector.stderr, /error/);

    const source = new PayloadSource(5);
    const sent: Buffer[] = [source.traces(50, 3), source.metrics(20, 2), source.logs(40, 2)];
    for (const signal of SIGNALS) assert.ok((await sendGrpc(port, signal, sent[signal])).ok);

    const reload = async (text: string): Promise<readonly [number, string]> => {
      await writeFile(collector.configFile, text);
      const response = await fetch(`${collector.adminUrl}/-/reload`, { method: 'POST' });
      return [response.status, await response.text()];
    };
    const [status, told] = await reload(yaml(port).replace('timeout: 10ms', 'timeout: -1s'));
    assert.equal(status, 400);
    assert.match(told, /config\.alloy:5:\d+: error: timeout must not be negative\n 5 \| {3}batch: \{ timeout: -1s \}/);
    const part = join(dirname(collector.configFile), 'part.yaml');
    await writeFile(part, 'batch:\n  timout: 1s\n');
    const [, inPart] = await reload(
      yaml(port)
        .replace(/batch: \{ timeout.*\n.*unused:/, `\${file:${part}}`)
        .replace('processors:\n  ', 'processors: '),
    );
    assert.match(
      inPart,
      /part\.yaml:2:3: error: 'processors::batch' has invalid keys: timout\n 2 \| {3}timout: 1s\n.*\nhelp: did you mean "timeout"\?/,
    );
    await writeFile(part, 'batch:\n  timeout: 20ms\n');
    assert.deepEqual(
      await reload(
        yaml(port)
          .replace(/batch: \{ timeout.*\n.*unused:/, `\${file:${part}}`)
          .replace('processors:\n  ', 'processors: '),
      ),
      [200, 'config reloaded\n'],
    );

    const later = source.traces(50, 3);
    assert.ok((await sendGrpc(port, 0, later)).ok);
    assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.output());
    const itemsOf = (signal: Signal, requests: readonly Buffer[]): string[] =>
      requests.flatMap((bytes) => listItems(signal, bytes)).sort();
    for (const signal of SIGNALS) {
      const arrived = sink.accepted.filter((r) => r.signal === SIGNAL_NAMES[signal]).map((r) => r.bytes);
      assert.deepEqual(itemsOf(signal, arrived), itemsOf(signal, signal === 0 ? [sent[0], later] : [sent[signal]]));
    }
  });
