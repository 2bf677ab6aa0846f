/** What a first user sees on stdout: where to send spans, what to open, how to go on. */
export interface BannerFacts {
  readonly version: string;
  /** As a client would dial it: `127.0.0.1:12345`. */
  readonly adminAddress: string;
  readonly uiPath: string;
}

export function banner({ version, adminAddress, uiPath }: BannerFacts): string {
  return `
  millrace ${version} is running its default configuration: what arrives is batched and printed here,
  and counted by service and operation.

  Send spans to     127.0.0.1:4317  OTLP/gRPC
                    127.0.0.1:4318  OTLP/HTTP
                    export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
  Open              http://${adminAddress}${uiPath}
                    http://${adminAddress}/metrics/derived   calls, durations and edges between services
                    http://${adminAddress}/metrics           of millrace itself
  Run your own      npm start -- config.alloy     (or: millrace run config.alloy)
  Stop              Ctrl-C

`;
}
