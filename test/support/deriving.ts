/** A connector that derives metrics, from its arguments as a configuration writes them to the points it emits. */
import type { CreateWorkerPart, WorkerPart } from '#components/kit/component.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import type { ArgumentsOf, BodySchema, Shape } from '#config/schema/schema.ts';
import type { Outcome } from '#shared/outcome.ts';
import { METRICS, type Signal } from '#shared/signal.ts';
import { argsOf } from './decode-args.ts';
import { decodeRequest, type Plain, type PlainMessage } from './otlp-proto.ts';
import { flushRequests, plainAttributes, storeOf } from './series-store.ts';
import { workerContext, type TestWorkerContext } from './worker-context.ts';

export interface Connector<S extends Shape> {
  readonly id: string;
  readonly schema: BodySchema<S>;
  readonly create: CreateWorkerPart<ArgumentsOf<S>>;
  readonly plan: (args: ArgumentsOf<S>) => SeriesPlan;
}

export class Deriving<S extends Shape> {
  readonly #connector: Connector<S>;
  readonly parts: readonly WorkerPart<ArgumentsOf<S>>[];
  readonly contexts: readonly TestWorkerContext[];
  #plan: SeriesPlan;
  #next = 0;

  /** `text`: arguments without `output`. */
  constructor(connector: Connector<S>, text: string, workers = 1) {
    const args = argsOf(connector.schema, `${text}\noutput { }`);
    this.#connector = connector;
    this.#plan = connector.plan(args);
    this.contexts = Array.from({ length: workers }, (_, index) =>
      workerContext(connector.id, { index, count: workers }),
    );
    this.parts = this.contexts.map((ctx) => connector.create(args, ctx));
    for (const part of this.parts) void part.start();
  }

  /** To one worker after the other. */
  offer(signal: Signal, bytes: Buffer, items = 1): Outcome {
    const part = this.parts[this.#next++ % this.parts.length];
    const outcome = part.input!.consume({ signal, bytes, items, metadata: null, owned: true });
    if (typeof outcome !== 'number') throw new Error('the connector answers later');
    return outcome;
  }

  update(text: string): void {
    const args = argsOf(this.#connector.schema, `${text}\noutput { }`);
    this.#plan = this.#connector.plan(args);
    for (const part of this.parts) void part.update(args);
  }

  /** Harvests everything and flushes it; the requests. */
  flush(): PlainMessage[] {
    const { store } = storeOf(this.#plan);
    for (const part of this.parts)
      for (let parcel = part.harvest!(); parcel !== null; parcel = part.harvest!()) store.merge(parcel);
    return flushRequests(store, 60_000, true).map((bytes) => decodeRequest(METRICS, bytes));
  }

  /** As lines: resource, metric, attributes, value. */
  lines(): string[] {
    return this.flush().flatMap(linesOf).sort();
  }

  value(name: string, labels: Readonly<Record<string, string>>): number {
    return this.contexts.reduce((sum, { meter }) => sum + meter.value(name, labels), 0);
  }
}

const list = (value: Plain | undefined): PlainMessage[] => (value ?? []) as PlainMessage[];
const entriesOf = (attributes: Plain | undefined): string =>
  Object.entries(plainAttributes(attributes))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ');

function linesOf(request: PlainMessage): string[] {
  return list(request['resourceMetrics']).flatMap((entry) => {
    const resource = entriesOf((entry['resource'] as PlainMessage)['attributes']);
    return list(entry['scopeMetrics']).flatMap((scope) =>
      list(scope['metrics']).flatMap((metric) =>
        ['sum', 'gauge', 'histogram', 'exponentialHistogram'].flatMap((kind) =>
          list((metric[kind] as PlainMessage | undefined)?.['dataPoints']).map(
            (point) => `{${resource}} ${String(metric['name'])} {${entriesOf(point['attributes'])}} ${valueOf(point)}`,
          ),
        ),
      ),
    );
  });
}

function valueOf(point: PlainMessage): string {
  if (point['asInt'] !== undefined) return `${String(point['asInt'])}i`;
  if (point['asDouble'] !== undefined) return `${String(point['asDouble'])}d`;
  const counts = point['bucketCounts'] ?? (point['positive'] as PlainMessage | undefined)?.['bucketCounts'] ?? [];
  return `count=${String(point['count'])} sum=${String(point['sum'])} [${(counts as Plain[]).join(',')}]`;
}

/** What lies at a path of names and positions. */
export function dig(from: Plain, ...path: readonly (string | number)[]): Plain {
  return path.reduce<Plain>((value, step) => (value as PlainMessage)[step], from);
}
