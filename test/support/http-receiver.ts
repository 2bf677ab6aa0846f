/** otelcol.receiver.otlp on ports of its own, in front of an entry that records what it is offered and answers as told. */
import type { ReceiverEntry, MainPart } from '#components/kit/component.ts';
import { create } from '#components/otelcol/receiver/otlp/main.ts';
import { args as schema, type Args } from '#components/otelcol/receiver/otlp/schema.ts';
import { defaults, type BlockField } from '#config/schema/schema.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { DEFAULT_RECEIVE_BYTES, ReceiveMemory } from '#net/server/receive-memory.ts';
import { systemClock, type Clock } from '#shared/clock.ts';
import type { Metadata } from '#shared/metadata.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Signal } from '#shared/signal.ts';
import { FakeMeter } from './fake-meter.ts';
import { RecordingLog, type LogLine } from './recording-log.ts';

export interface Offer {
  readonly signal: Signal;
  readonly bytes: Buffer;
  readonly metadata: Metadata | null;
  /** Answers with any outcome; used by entries that hold their answers. */
  readonly done: (outcome: Outcome) => void;
}

/** Reads offers as the shard does: synchronously, counting items, telling malformed ones. */
export class FakeEntry implements ReceiverEntry {
  readonly offers: Offer[] = [];
  outcome: Outcome = Outcome.accepted;
  /** true: offers wait for their `done`. */
  hold = false;
  signals: readonly Signal[] = [0, 1, 2];

  /** What requests are refused with before they are read. */
  turnsAway: Outcome = Outcome.accepted;

  has(signal: Signal): boolean {
    return this.signals.includes(signal);
  }

  admit(): Outcome {
    return this.turnsAway;
  }

  offer(
    signal: Signal,
    bytes: Buffer,
    metadata: Metadata | null,
    done: (outcome: Outcome, items: number, detail?: string) => void,
  ): void {
    const items = scan(signal, bytes, 0, bytes.length, null);
    if (items < 0) return done(Outcome.malformed, 0, scanError());
    const answer = (outcome: Outcome): void => done(outcome, items);
    this.offers.push({ signal, bytes: Buffer.from(bytes), metadata, done: answer });
    if (!this.hold) answer(this.outcome);
  }
}

/** What the receiver has counted and is not 0: `accepted_spans_total http` or, for requests, `requests_total http success`. */
export function counted(meter: FakeMeter): Record<string, number> {
  const out: Record<string, number> = {};
  for (const name of meter.names) {
    for (const transport of ['grpc', 'http']) {
      for (const outcome of name.includes('requests') ? ['success', 'refused', 'failure'] : ['']) {
        const labels = { receiver: `otlp/${RECEIVER_ID}`, transport, ...(outcome === '' ? {} : { outcome }) };
        const value = meter.value(name, labels);
        if (value !== 0) out[`${name.replace('otelcol_receiver_', '')} ${transport} ${outcome}`.trim()] = value;
      }
    }
  }
  return out;
}

export type Overrides<T> = {
  readonly [K in keyof T]?: NonNullable<T[K]> extends readonly unknown[]
    ? T[K]
    : T[K] extends object | undefined
      ? Overrides<NonNullable<T[K]>>
      : T[K];
};

const CONSUMER = { capsule: 'otelcol.Consumer', nodeId: 'test', accepts: [0, 1, 2] } as const;

/** Arguments with both protocols on ephemeral ports of 127.0.0.1, changed by `overrides`; a protocol set to undefined is absent. */
export function receiverArgs(overrides: Overrides<Args> = {}): Args {
  const protocol = (name: 'grpc' | 'http'): object => ({
    ...defaults((schema.shape[name] as BlockField<unknown>).body),
    endpoint: '127.0.0.1:0',
  });
  const all = {
    ...defaults(schema),
    grpc: protocol('grpc'),
    http: protocol('http'),
    output: { traces: [CONSUMER], metrics: [CONSUMER], logs: [CONSUMER] },
  };
  return merge(all, overrides) as Args;
}

function merge(base: unknown, over: unknown): unknown {
  if (
    typeof base !== 'object' ||
    base === null ||
    Array.isArray(base) ||
    typeof over !== 'object' ||
    over === null ||
    Array.isArray(over)
  )
    return over;
  const out: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) out[key] = merge(out[key], value);
  return out;
}

export interface RunningReceiver {
  readonly part: MainPart<Args>;
  readonly entry: FakeEntry;
  readonly meter: FakeMeter;
  readonly lines: LogLine[];
  /** `127.0.0.1:port` of the newest listener. */
  readonly grpc: string;
  readonly http: string;
}

export const RECEIVER_ID = 'otelcol.receiver.otlp.test';

export async function withReceiver(
  args: Args,
  run: (receiver: RunningReceiver) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const entry = new FakeEntry();
  const meter = new FakeMeter();
  const log = new RecordingLog();
  const { lines } = log;
  const part = create(args, {
    id: RECEIVER_ID,
    log,
    clock,
    meter,
    health: () => {},
    entry,
    receive: new ReceiveMemory(DEFAULT_RECEIVE_BYTES, clock),
    flags: { httpDriver: 'node', receiveBytes: DEFAULT_RECEIVE_BYTES },
  });
  const endpoint = (protocol: string): string =>
    String(lines.findLast((line) => line.message === `listening for OTLP over ${protocol}`)?.fields['endpoint']);
  try {
    await part.start();
    await run({
      part,
      entry,
      meter,
      lines,
      get grpc() {
        return endpoint('gRPC');
      },
      get http() {
        return endpoint('HTTP');
      },
    });
  } finally {
    await part.stop(0);
  }
}
