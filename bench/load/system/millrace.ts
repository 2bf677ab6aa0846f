/** millrace under test: receive, batch, export to the sink. */
import { startCollector, type Collector } from '#test/support/collector.ts';
import { scrape } from '#test/support/scrape.ts';
import { BATCH, RETRY, type SpanBalance, type System, type SystemSettings } from './system.ts';

export function millraceConfig({ protocol, compressionOut, sinkPort, queue }: SystemSettings, port: number): string {
  const kind = protocol === 'grpc' ? 'otlp' : 'otlphttp';
  const endpoint =
    protocol === 'grpc'
      ? `endpoint = "127.0.0.1:${sinkPort}"\n    tls { insecure = true }`
      : `endpoint = "http://127.0.0.1:${sinkPort}"`;
  return `logging { level = "warn" }

otelcol.receiver.otlp "bench" {
  ${protocol} { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.processor.batch.bench.input] }
}

otelcol.processor.batch "bench" {
  send_batch_size     = ${BATCH.spans}
  send_batch_max_size = ${BATCH.maxSpans}
  timeout             = "${BATCH.timeoutMs}ms"
  output { traces = [otelcol.exporter.${kind}.bench.input] }
}

otelcol.exporter.${kind} "bench" {
  client {
    ${endpoint}
    compression = "${compressionOut}"
  }
  sending_queue {
    sizer             = "${queue.sizer}"
    queue_size        = ${queue.size}
    block_on_overflow = ${queue.block}
  }
  retry_on_failure {
    initial_interval = "${RETRY.initialMs}ms"
    max_interval     = "${RETRY.maxMs}ms"
    max_elapsed_time = "0s"
  }
}
`;
}

export async function startMillrace(settings: SystemSettings): Promise<System> {
  const collector = await startCollector({
    config: ([port]) => millraceConfig(settings, port),
    flags: [`--workers=${settings.workers}`],
    built: settings.built,
    nodeFlags: settings.nodeFlags,
  });
  return {
    pid: collector.pid,
    port: collector.ports[0],
    balance: () => readBalance(collector),
    drain: async () => {
      const { code, signal } = await collector.stop('SIGTERM', 120_000);
      return code === 0 ? null : `exit code ${code ?? signal} after SIGTERM: ${collector.stderr.slice(-2000)}`;
    },
    stderr: () => collector.stderr,
    [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose](),
  };
}

async function readBalance(collector: Collector): Promise<SpanBalance> {
  const samples = (await scrape(collector)).filter((s) => (s.labels['signal'] ?? 'traces') === 'traces');
  const sum = (name: string): number => samples.reduce((total, s) => (s.name === name ? total + s.value : total), 0);
  const dropped: Record<string, number> = {};
  for (const { name, labels, value } of samples) {
    const reason = labels['reason'];
    if (name === 'millrace_component_dropped_items_total' && value > 0 && reason !== undefined)
      dropped[reason] = (dropped[reason] ?? 0) + value;
  }
  return {
    accepted: sum('otelcol_receiver_accepted_spans_total'),
    refused: sum('otelcol_receiver_refused_spans_total'),
    exported: sum('otelcol_exporter_sent_spans_total'),
    held: sum('millrace_component_held_items'),
    dropped,
  };
}
