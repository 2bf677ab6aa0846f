/**
 * The rows of the OpenTelemetry Collector's testbed that OTLP traces have, with their limits: Trace10kSPS (10,000 spans/s in
 * batches of 100, one sender) and Trace1kSPSWithAttrs (1,000 spans/s in batches of 10).
 */
import type { Compression, Protocol } from '../messages.ts';
import type { PayloadName } from '../payload/catalog.ts';
import { scenario, type Limits, type Scenario } from './scenario.ts';

const TESTBED = { plan: 'windows', inFlight: 1, connections: 1, durationSeconds: 15, rounds: 3 } as const;

function trace10k(protocol: Protocol, compression: Compression, limits: Limits): Scenario {
  const end = compression === 'none' ? '' : `-${compression}`;
  const row = `${protocol === 'grpc' ? 'gRPC' : 'HTTP'}${end}`;
  return scenario(`testbed-${protocol}${end}`, `testbed Trace10kSPS OTLP-${row}: 10,000 spans/s, 100 a batch`, {
    ...TESTBED,
    payload: 'testbed',
    spans: 100,
    rate: 10_000,
    protocol,
    compressionIn: compression,
    compressionOut: compression,
    limits,
  });
}

function withAttributes(payload: PayloadName, what: string, limits: Limits): Scenario {
  const name = payload === 'testbed' ? 'testbed-attrs-0' : payload.replace('testbed-', 'testbed-attrs-');
  return scenario(name, `testbed Trace1kSPSWithAttrs, ${what}: 1,000 spans/s, 10 a batch, gRPC`, {
    ...TESTBED,
    payload,
    spans: 10,
    rate: 1000,
    limits,
  });
}

export const TESTBED_ROWS: readonly Scenario[] = [
  trace10k('grpc', 'none', { cpuPercent: 20, ramMiB: 100 }),
  trace10k('grpc', 'gzip', { cpuPercent: 30, ramMiB: 100 }),
  trace10k('http', 'none', { cpuPercent: 20, ramMiB: 100 }),
  trace10k('http', 'gzip', { cpuPercent: 25, ramMiB: 100 }),
  trace10k('http', 'zstd', { cpuPercent: 22, ramMiB: 220 }),
  withAttributes('testbed', 'no attributes', { cpuPercent: 30, ramMiB: 150 }),
  withAttributes('testbed-100x50', '100 attributes of 50 bytes', { cpuPercent: 120, ramMiB: 150 }),
  withAttributes('testbed-10x1000', '10 attributes of 1000 bytes', { cpuPercent: 100, ramMiB: 150 }),
  withAttributes('testbed-20x5000', '20 attributes of 5000 bytes', { cpuPercent: 250, ramMiB: 150 }),
];
