/** The systems under test: how each is started, addressed and stopped. */
import { startCollector } from '#test/support/collector.ts';
import type { Compression, Protocol } from './messages.ts';
import { Peer } from './peer.ts';

export type SystemName = 'millrace' | 'naive';

export interface SystemSettings {
  readonly protocol: Protocol;
  readonly sinkPort: number;
  readonly workers: number;
  /** millrace as built in `dist/`, not from source. */
  readonly built: boolean;
  /** Flags of Node for millrace. */
  readonly nodeFlags: readonly string[];
}

export interface System extends AsyncDisposable {
  readonly pid: number;
  /** Where it takes OTLP of the protocol asked for. */
  readonly port: number;
  /** SIGTERM, then its exit code; what it accepted has left by then. Rejects if it does not end. */
  drain(): Promise<number | null>;
  /** What it wrote on stderr, for messages. */
  stderr(): string;
}

/** Why this system cannot run this scenario; null if it can. */
export function unable(name: SystemName, protocol: Protocol, compression: Compression): string | null {
  return name === 'naive' && protocol === 'grpc' && compression === 'zstd' ? '@grpc/grpc-js knows no zstd' : null;
}

export const startSystem = (name: SystemName, settings: SystemSettings): Promise<System> =>
  name === 'millrace' ? startMillrace(settings) : startNaive(settings);

/** The configuration of the main scenario: receive, batch with the defaults, export uncompressed to the sink. */
export function millraceConfig(protocol: Protocol, port: number, sinkPort: number): string {
  const kind = protocol === 'grpc' ? 'otlp' : 'otlphttp';
  const client =
    protocol === 'grpc'
      ? `endpoint = "127.0.0.1:${sinkPort}"\n    compression = "none"\n    tls { insecure = true }`
      : `endpoint = "http://127.0.0.1:${sinkPort}"\n    compression = "none"`;
  return `logging { level = "warn" }

otelcol.receiver.otlp "bench" {
  ${protocol} { endpoint = "127.0.0.1:${port}" }
  output { traces = [otelcol.processor.batch.bench.input] }
}

otelcol.processor.batch "bench" {
  output { traces = [otelcol.exporter.${kind}.bench.input] }
}

otelcol.exporter.${kind} "bench" {
  client {
    ${client}
  }
  // A short queue that holds the lane back when it is full: the sink's speed reaches the generator, not the memory.
  sending_queue {
    queue_size        = 32
    block_on_overflow = true
  }
}
`;
}

async function startMillrace({ protocol, sinkPort, workers, built, nodeFlags }: SystemSettings): Promise<System> {
  const collector = await startCollector({
    config: ([port]) => millraceConfig(protocol, port, sinkPort),
    flags: [`--workers=${workers}`],
    built,
    nodeFlags,
  });
  return {
    pid: collector.pid,
    port: collector.ports[0],
    drain: async () => (await collector.stop('SIGTERM')).code,
    stderr: () => collector.stderr,
    [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose](),
  };
}

async function startNaive({ protocol, sinkPort }: SystemSettings): Promise<System> {
  const peer = new Peer<never, object>('naive gateway', '../baselines/naive.ts', [protocol, String(sinkPort)]);
  try {
    const { listening } = await peer.hear<{ listening: number }>();
    return {
      pid: peer.pid,
      port: listening,
      drain: () => {
        peer.kill('SIGTERM');
        return peer.ended();
      },
      stderr: () => peer.stderr,
      [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
    };
  } catch (failure) {
    await peer[Symbol.asyncDispose]();
    throw failure;
  }
}
