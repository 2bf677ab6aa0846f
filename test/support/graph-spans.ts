/** Requests of spans of several services, and what otelcol.connector.servicegraph has counted of them, for tests. */
import type { Batch } from '#components/kit/batch.ts';
import type { WorkerPart } from '#components/kit/component.ts';
import { TRACES } from '#shared/signal.ts';
import { encodeRequest } from './otlp-proto.ts';
import { readParcels, type ReadRow } from './parcel-reader.ts';

type Value = string | number | boolean | { readonly [kind: string]: unknown };
export type Attributes = Readonly<Record<string, Value>>;

export interface GraphSpan {
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified' | number;
  /** Default 1; -1 leaves the id out. */
  readonly trace?: number;
  readonly id?: number;
  /** Default: none. */
  readonly parent?: number | undefined;
  /** Milliseconds. */
  readonly start?: number;
  readonly end?: number;
  readonly failed?: boolean;
  readonly attributes?: Attributes;
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

export const idBytes = (n: number, bytes: number): Buffer => {
  const id = Buffer.alloc(bytes);
  id.writeUInt32BE(n, bytes - 4);
  return id;
};
const nanos = (ms: number): string => String(BigInt(Math.round(ms * 1e6)));

function valueOf(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  return value;
}
const pairs = (attributes: Attributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));

export function spanOf(span: GraphSpan): object {
  const { trace = 1, id = 1, start = 1000, end = 1010 } = span;
  return {
    ...(trace < 0 ? {} : { traceId: idBytes(trace, 16) }),
    ...(id < 0 ? {} : { spanId: idBytes(id, 8) }),
    ...(span.parent === undefined ? {} : { parentSpanId: idBytes(span.parent, 8) }),
    name: 'GET /',
    kind: typeof span.kind === 'number' ? span.kind : KINDS.indexOf(span.kind),
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
    attributes: pairs(span.attributes ?? {}),
    ...(span.failed === undefined ? {} : { status: { code: span.failed ? 2 : 1 } }),
  };
}

/** Resource attributes and spans in turn; a string is a `service.name`. */
export type Sender = readonly [service: string | Attributes, ...spans: GraphSpan[]];

export function graphRequest(...senders: readonly Sender[]): Batch {
  const bytes = encodeRequest(TRACES, {
    resourceSpans: senders.map(([service, ...spans]) => ({
      resource: { attributes: pairs(typeof service === 'string' ? { 'service.name': service } : service) },
      scopeSpans: [{ spans: spans.map(spanOf) }],
    })),
  });
  return batchOf(
    bytes,
    senders.reduce((sum, sender) => sum + sender.length - 1, 0),
  );
}

export const batchOf = (bytes: Buffer, items: number): Batch => ({
  signal: TRACES,
  bytes,
  items,
  metadata: null,
  owned: true,
});

/** One series of what was harvested. */
export interface CountedEdge {
  /** `client>server`, then the connection type and `failed` where there are such. */
  readonly edge: string;
  /** All others, in order. */
  readonly more: Readonly<Record<string, unknown>>;
  readonly total: number;
  readonly failed: number;
  /** Sums in milliseconds, rounded to microseconds. */
  readonly server: number;
  readonly client: number;
}

export function harvested(part: Pick<WorkerPart<never>, 'harvest'>): ReadRow[] {
  const parcels: Uint8Array[] = [];
  for (let parcel = part.harvest?.() ?? null; parcel !== null; parcel = part.harvest?.() ?? null) parcels.push(parcel);
  return readParcels(parcels);
}

/** What was counted since the last harvest with histograms of `bounds` bounds, in order of names. */
export function edgesOf(part: Pick<WorkerPart<never>, 'harvest'>, bounds = 16): CountedEdge[] {
  const histogram = 4 + bounds + 1;
  const ms = (seconds: number): number => Math.round(seconds * 1e6) / 1000;
  return harvested(part)
    .map(({ attributes, values }) => {
      const { client, server, connection_type: type, failed, ...more } = attributes as Record<string, string>;
      const isFailed = (failed as unknown as { boolValue: boolean }).boolValue;
      return {
        edge: `${client}>${server}${type === '' ? '' : ` ${type}`}${isFailed ? ' failed' : ''}`,
        more,
        total: values[0],
        failed: values[1],
        server: ms(values[2 + 1]),
        client: ms(values[2 + histogram + 1]),
      };
    })
    .sort((a, b) => (a.edge < b.edge ? -1 : a.edge > b.edge ? 1 : 0));
}
