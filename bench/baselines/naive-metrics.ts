/**
 * Span metrics and a service graph as one would write them first, over decoded objects: series in a Map by a string of their labels,
 * halves of edges in a Map by trace id and span id.
 */
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface Span {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  readonly kind: number;
  /** Long, as protobufjs gives it. */
  readonly startTimeUnixNano: { toString(): string };
  readonly endTimeUnixNano: { toString(): string };
  readonly status?: { readonly code: number };
}
export interface ResourceSpans {
  readonly resource?: { readonly attributes: readonly Attribute[] };
  readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
}

const BOUNDS_MS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000];
/** Halves kept at most: older ones are forgotten. */
const MAX_HALVES = 1000;

class Series {
  calls = 0;
  sum = 0;
  readonly buckets = new Array<number>(BOUNDS_MS.length + 1).fill(0);

  observe(ms: number): void {
    this.calls++;
    this.sum += ms;
    const bucket = BOUNDS_MS.findIndex((bound) => ms <= bound);
    this.buckets[bucket < 0 ? BOUNDS_MS.length : bucket]++;
  }
}

interface Half {
  readonly service: string;
  readonly client: boolean;
  readonly ms: number;
}

export class NaiveMetrics {
  readonly #spans = new Map<string, Series>();
  readonly #edges = new Map<string, Series>();
  readonly #halves = new Map<string, Half>();

  count({ resource, scopeSpans }: ResourceSpans): void {
    const service = resource?.attributes.find(({ key }) => key === 'service.name')?.value.stringValue;
    if (service === undefined) return;
    for (const { spans } of scopeSpans) for (const span of spans) this.#countSpan(service, span);
  }

  #countSpan(service: string, span: Span): void {
    const ns = BigInt(span.endTimeUnixNano.toString()) - BigInt(span.startTimeUnixNano.toString());
    const ms = Number(ns) / 1e6;
    const failed = span.status?.code === 2;
    seriesOf(this.#spans, `${service}\0${span.name}\0${span.kind}\0${span.status?.code ?? 0}`).observe(ms);
    const client = span.kind === 3 || span.kind === 4;
    if (!client && span.kind !== 2 && span.kind !== 5) return;
    const id = client ? span.spanId : span.parentSpanId;
    const key = `${Buffer.from(span.traceId).toString('hex')}${Buffer.from(id).toString('hex')}`;
    const half = this.#halves.get(key);
    if (half === undefined || half.client === client) {
      const [oldest] = this.#halves.keys();
      if (this.#halves.size >= MAX_HALVES && oldest !== undefined) this.#halves.delete(oldest);
      this.#halves.set(key, { service, client, ms });
      return;
    }
    this.#halves.delete(key);
    const [from, to] = client ? [service, half.service] : [half.service, service];
    seriesOf(this.#edges, `${from}\0${to}\0${failed}`).observe(client ? ms : half.ms);
  }
}

function seriesOf(all: Map<string, Series>, key: string): Series {
  let series = all.get(key);
  if (series === undefined) all.set(key, (series = new Series()));
  return series;
}
