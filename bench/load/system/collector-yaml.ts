/** The configuration of millrace's scenario in the language of the OpenTelemetry Collector. */
import { BATCH, RETRY, type SystemSettings } from './system.ts';

export function collectorYaml({ protocol, compressionOut, sinkPort, queue }: SystemSettings, port: number): string {
  const exporter = protocol === 'grpc' ? 'otlp' : 'otlphttp';
  const endpoint =
    protocol === 'grpc'
      ? `endpoint: 127.0.0.1:${sinkPort}\n    tls:\n      insecure: true`
      : `endpoint: http://127.0.0.1:${sinkPort}`;
  return `receivers:
  otlp:
    protocols:
      ${protocol}:
        endpoint: 127.0.0.1:${port}
processors:
  batch:
    send_batch_size: ${BATCH.spans}
    send_batch_max_size: ${BATCH.maxSpans}
    timeout: ${BATCH.timeoutMs}ms
exporters:
  ${exporter}:
    ${endpoint}
    compression: ${compressionOut}
    sending_queue:
      sizer: ${queue.sizer}
      queue_size: ${queue.size}
      block_on_overflow: ${queue.block}
    retry_on_failure:
      initial_interval: ${RETRY.initialMs}ms
      max_interval: ${RETRY.maxMs}ms
      max_elapsed_time: 0s
service:
  telemetry:
    logs:
      level: warn
    metrics:
      level: none
  pipelines:
    traces:
      receivers: [otlp]
      processors: [batch]
      exporters: [${exporter}]
`;
}
