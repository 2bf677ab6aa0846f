/** millrace under test: receive, batch, export to the sink. */
import { writeFile } from 'node:fs/promises';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { scrape } from '#test/support/scrape.ts';
import { BATCH, RETRY, type EditName, type SpanBalance, type System, type SystemSettings } from './system.ts';

/** What a reload changes, one after the other and from the start again: each is a difference to the first. */
const VARIANTS = [
  {},
  { batchSpans: BATCH.spans / 2 },
  { queueFactor: 2, headers: 'headers = { "x-bench" = "1" }' },
  { batch: 'renamed', exporter: 'renamed' },
  { receiver: 'renamed' },
  { batch: null },
] as const;
const SAME = {
  receiver: 'bench',
  batch: 'bench' as string | null,
  batchSpans: BATCH.spans as number,
  exporter: 'bench',
  queueFactor: 1,
  headers: '',
};

const DERIVED = ['otelcol.connector.spanmetrics.bench.input', 'otelcol.connector.servicegraph.bench.input'];
const CONNECTORS = `
otelcol.connector.spanmetrics "bench" {
  histogram {
    explicit { }
  }
  metrics_flush_interval = "5s"
  output { }
}

otelcol.connector.servicegraph "bench" {
  metrics_flush_interval = "5s"
  output { }
}
`;

/** The processor before the batch, by its name here; what it hands on to is put in. */
const EDITS: Readonly<Record<Exclude<EditName, 'none'>, (next: string) => string>> = {
  attributes: (next) => `otelcol.processor.attributes "bench" {
${['one', 'two', 'three', 'four', 'five'].map((word) => `  action {\n    key    = "bench.${word}"\n    action = "insert"\n    value  = "value of ${word}"\n  }`).join('\n')}
  output { traces = [${next}] }
}`,
  transform: (next) => `otelcol.processor.transform "bench" {
  trace_statements {
    context    = "span"
    statements = [
      \`set(attributes["deployment.environment.name"], "production")\`,
      \`set(attributes["http.method"], attributes["http.request.method"]) where kind == SPAN_KIND_SERVER\`,
      \`delete_key(attributes, "http.response.status_code") where attributes["http.response.status_code"] == 200\`,
    ]
  }
  output { traces = [${next}] }
}`,
  filter: (next) => `otelcol.processor.filter "bench" {
  traces {
    span = [\`attributes["http.request.method"] == "TRACE"\`]
  }
  output { traces = [${next}] }
}`,
};

/** `nth`: which of the variants that reloads go through. */
export function millraceConfig(
  { protocol, compressionOut, sinkPort, queue, derive, edit }: SystemSettings,
  port: number,
  nth = 0,
): string {
  const v = { ...SAME, ...VARIANTS[nth % VARIANTS.length] };
  const kind = protocol === 'grpc' ? 'otlp' : 'otlphttp';
  const endpoint =
    protocol === 'grpc'
      ? `endpoint = "127.0.0.1:${sinkPort}"\n    tls { insecure = true }`
      : `endpoint = "http://127.0.0.1:${sinkPort}"`;
  const exporter = `otelcol.exporter.${kind}.${v.exporter}.input`;
  const batch = `otelcol.processor.batch "${v.batch}" {
  send_batch_size     = ${v.batchSpans}
  send_batch_max_size = ${BATCH.maxSpans}
  timeout             = "${BATCH.timeoutMs}ms"
  output { traces = [${exporter}] }
}`;
  const afterReceiver = v.batch === null ? exporter : `otelcol.processor.batch.${v.batch}.input`;
  const first = edit === 'none' ? afterReceiver : `otelcol.processor.${edit}.bench.input`;
  return `logging { level = "warn" }

otelcol.receiver.otlp "${v.receiver}" {
  ${protocol} { endpoint = "127.0.0.1:${port}" }
  output { traces = [${[first, ...(derive ? DERIVED : [])].join(', ')}] }
}
${derive ? CONNECTORS : ''}
${edit === 'none' ? '' : EDITS[edit](afterReceiver)}

${v.batch === null ? '' : batch}

otelcol.exporter.${kind} "${v.exporter}" {
  client {
    ${endpoint}
    compression = "${compressionOut}"
    ${v.headers}
  }
  sending_queue {
    sizer             = "${queue.sizer}"
    queue_size        = ${queue.size * v.queueFactor}
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
    reload: async (nth) => {
      await writeFile(collector.configFile, millraceConfig(settings, collector.ports[0], nth));
      const answer = await fetch(`${collector.adminUrl}/-/reload`, { method: 'POST' });
      if (!answer.ok) throw new Error(`reload ${nth} failed: ${await answer.text()}`);
      await answer.arrayBuffer();
    },
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
