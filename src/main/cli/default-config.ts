/** What `millrace run` without a path runs: the shortest pipeline that shows a sender its spans, and what can be told of them. */
export const DEFAULT_CONFIG_NAME = '(default configuration)';

export const DEFAULT_CONFIG = `
otelcol.receiver.otlp "default" {
  grpc {
    endpoint = "127.0.0.1:4317"
  }

  http {
    endpoint = "127.0.0.1:4318"
  }

  output {
    metrics = [otelcol.processor.batch.default.input]
    logs    = [otelcol.processor.batch.default.input]
    traces  = [
      otelcol.connector.spanmetrics.default.input,
      otelcol.connector.servicegraph.default.input,
      otelcol.processor.batch.default.input,
    ]
  }
}

// Calls, errors and durations of each service and operation: at /metrics/derived of the admin server.
otelcol.connector.spanmetrics "default" {
  histogram {
    explicit { }
  }

  exemplars {
    enabled = true
  }

  output { }
}

// Who calls whom: there too.
otelcol.connector.servicegraph "default" {
  output { }
}

otelcol.processor.batch "default" {
  output {
    metrics = [otelcol.exporter.debug.default.input]
    logs    = [otelcol.exporter.debug.default.input]
    traces  = [otelcol.exporter.debug.default.input]
  }
}

otelcol.exporter.debug "default" {
  verbosity           = "normal"
  use_internal_logger = false
}
`.trimStart();
