/** Collectors with gRPC receivers in front of a sink, for the scenarios of gRPC clients, and what these look at in the end. */
import assert from 'node:assert/strict';
import type { Certificate } from './certs.ts';
import { startCollector, type Collector } from './collector.ts';
import { spanNumbers, type PeerAnswer } from './grpc-peer.ts';
import { startOtlpSink, type OtlpSink } from './otlp-sink.ts';

/** gRPC status codes. */
export const OK = 0;
export const DEADLINE_EXCEEDED = 4;
export const RESOURCE_EXHAUSTED = 8;
export const UNIMPLEMENTED = 12;
export const UNAVAILABLE = 14;

export interface Stage {
  readonly collector: Collector;
  readonly sink: OtlpSink;
}

/** Which port leads to which receiver of {@link sharedConfig}. */
export const PLAIN = 0;
export const WAITING = 1;
export const METADATA = 2;
export const PATIENT = 3;
export const TLS = 4;
export const MUTUAL = 5;
export const NARROW = 6;
export const AGING = 7;
export const SHARED_PORTS = 8;

export function sharedConfig(ports: readonly number[], to: string, own: Certificate, clientCa: string): string {
  const pair = `cert_pem = \`${own.cert}\`\n key_pem = \`${own.key}\``;
  const receiver = (label: string, port: number, more: string, next = 'otelcol.processor.batch.all'): string => `
    otelcol.receiver.otlp "${label}" {
      grpc {
        endpoint = "127.0.0.1:${port}"
        ${more}
      }
      output { traces = [${next}.input] }
    }`;
  return `
    ${receiver('plain', ports[PLAIN], '')}
    ${receiver('waiting', ports[WAITING], '', 'otelcol.exporter.otlp.waiting')}
    ${receiver('metadata', ports[METADATA], 'include_metadata = true', 'otelcol.processor.batch.by_metadata')}
    ${receiver('patient', ports[PATIENT], PINGS)}
    ${receiver('narrow', ports[NARROW], 'max_concurrent_streams = 3')}
    ${receiver('aging', ports[AGING], AGE)}
    ${receiver('tls', ports[TLS], `tls {\n ${pair}\n }`)}
    ${receiver('mutual', ports[MUTUAL], `tls {\n ${pair}\n client_ca_file = "${clientCa}"\n }`)}
    otelcol.processor.batch "all" {
      output { traces = [otelcol.exporter.otlp.out.input] }
    }
    otelcol.processor.batch "by_metadata" {
      metadata_keys = ["x-tenant", "x-token-bin"]
      output { traces = [otelcol.exporter.otlp.out.input] }
    }
    ${exporter('out', to, '')}
    ${exporter('waiting', to, WAIT)}`;
}

const PINGS = `keepalive {
          enforcement_policy {
            min_time = "10ms"
            permit_without_stream = true
          }
        }`;

const AGE = `keepalive {
          server_parameters {
            max_connection_age = "100ms"
            max_connection_age_grace = "20s"
          }
        }`;

const WAIT = `sending_queue {
        wait_for_result = true
        num_consumers = 32
      }`;

function exporter(label: string, to: string, more: string): string {
  return `
    otelcol.exporter.otlp "${label}" {
      timeout = "30s"
      client {
        endpoint = "${to}"
        tls { insecure = true }
      }
      ${more}
    }`;
}

const single = (port: number, next: string): string => `
    otelcol.receiver.otlp "in" {
      grpc { endpoint = "127.0.0.1:${port}" }
      output { traces = [${next}.input] }
    }`;

/** Clients are answered when the destination has answered. */
export const waiting = (port: number, to: string): string =>
  `${single(port, 'otelcol.exporter.otlp.out')}\n${exporter('out', to, WAIT)}`;

export const batched = (port: number, to: string): string => `${single(port, 'otelcol.processor.batch.b')}
    otelcol.processor.batch "b" {
      output { traces = [otelcol.exporter.otlp.out.input] }
    }
    ${exporter('out', to, '')}`;

export async function start(config: (ports: readonly number[], sink: string) => string, ports: number): Promise<Stage> {
  const sink = await startOtlpSink();
  try {
    const collector = await startCollector({
      ports,
      config: (free) => config(free, sink.grpcEndpoint),
      flags: ['--workers=1'],
    });
    return { collector, sink };
  } catch (failure) {
    await sink.close();
    throw failure;
  }
}

export function expectCodes({ codes, message }: PeerAnswer, code: number, count: number): void {
  assert.deepEqual([...new Set(codes)], [code], message);
  assert.equal(codes.length, count);
}

export const arrived = (sink: OtlpSink): number[] => sink.accepted.flatMap((request) => spanNumbers(request.bytes));
export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** The same numbers, each as often. Says which differ: a list of thousands says nothing. */
export function assertSame(actual: readonly number[], expected: readonly number[]): void {
  const seen = new Map<number, number>();
  for (const number of expected) seen.set(number, (seen.get(number) ?? 0) - 1);
  for (const number of actual) seen.set(number, (seen.get(number) ?? 0) + 1);
  const wrong = [...seen].filter(([, count]) => count !== 0);
  const named = (list: readonly (readonly [number, number])[]): string =>
    `${list.length}: ${list
      .slice(0, 20)
      .map(([number]) => number)
      .join(' ')}`;
  assert.ok(
    wrong.length === 0,
    `missing ${named(wrong.filter(([, count]) => count < 0))}; too many ${named(wrong.filter(([, count]) => count > 0))}`,
  );
}
