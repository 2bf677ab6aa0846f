/** Components that edit: requests made of plain values go through one, and come out as plain values, by the oracle. */
import { countItems } from '#codec/otlp/count.ts';
import type { CreateWorkerPart } from '#components/kit/component.ts';
import type { BodySchema, Shape } from '#config/schema/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Metadata } from '#shared/metadata.ts';
import { LOGS, METRICS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { argsOf } from './decode-args.ts';
import { encodeRequest, requestType } from './otlp-proto.ts';
import { workerContext } from './worker-context.ts';

/** bigint: an int, number: a double, null: no value. */
export type Plain =
  null | boolean | bigint | number | string | Buffer | readonly Plain[] | { readonly [key: string]: Plain };
export type Attributes = Readonly<Record<string, Plain>>;
type Node = Record<string, unknown>;

export const pairsOf = (attributes: Attributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));

export function valueOf(value: Plain): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: value };
  if (Buffer.isBuffer(value)) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: (value as Plain[]).map(valueOf) } };
  return { kvlistValue: { values: pairsOf(value as Attributes) } };
}

/** Attributes of a decoded message; in order of their keys' first places. */
export function attributesIn(node: unknown): Attributes {
  const list = ((node as Node)['attributes'] ?? []) as { key?: string; value?: Node }[];
  return Object.fromEntries(list.map(({ key = '', value }) => [key, plainIn(value)]));
}

export function plainIn(value: Node | undefined): Plain {
  const [[kind, content] = []] = Object.entries(value ?? {});
  switch (kind) {
    case undefined:
      return null;
    case 'intValue':
      return BigInt(content as string);
    case 'arrayValue':
      return (((content as Node)['values'] ?? []) as Node[]).map(plainIn);
    case 'kvlistValue':
      return attributesIn({ attributes: (content as Node)['values'] });
    default:
      return content as Plain;
  }
}

const LEVELS = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
] as const;

interface Around {
  readonly resource?: Attributes;
  readonly scope?: { readonly name?: string; readonly version?: string; readonly attributes?: Attributes };
  readonly metadata?: Metadata;
}

export class Edited<S extends Shape> {
  readonly ctx;
  readonly #part;

  /** The worker part of a component, with arguments as a configuration writes them. */
  constructor(id: string, create: CreateWorkerPart<never>, schema: BodySchema<S>, text: string) {
    this.ctx = workerContext(id);
    this.#part = create(argsOf(schema, text) as never, this.ctx);
  }

  /** What becomes of items of one scope; none: they were dropped. */
  items(signal: Signal, items: readonly object[], around: Around = {}): Node[] {
    return this.entry(signal, items, around).items;
  }

  entry(signal: Signal, items: readonly object[], around: Around = {}): { resource: Node; scope: Node; items: Node[] } {
    const [entries, scopes, leaves] = LEVELS[signal];
    const { attributes = {}, ...scope } = around.scope ?? {};
    const request = {
      [entries]: [
        {
          resource: { attributes: pairsOf(around.resource ?? {}) },
          [scopes]: [{ scope: { ...scope, attributes: pairsOf(attributes) }, [leaves]: items }],
        },
      ],
    };
    const bytes = encodeRequest(signal, request);
    const copy = Buffer.from(bytes);
    const metadata = around.metadata ?? null;
    const batch = { signal, bytes, items: countItems(signal, bytes), metadata, owned: false };
    const outcome = this.#part.input!.consume(batch);
    if (outcome !== Outcome.accepted) throw new Error(`not accepted: ${String(outcome)}`);
    if (!bytes.equals(copy)) throw new Error('the batch was written to');
    const out = this.ctx.next[SIGNAL_NAMES[signal]].taken.pop();
    const type = requestType(signal);
    const object = out === undefined ? {} : type.toObject(type.decode(out.bytes), OPTIONS);
    const entry = ((object[entries] ?? []) as Node[])[0] ?? {};
    const inner = ((entry[scopes] ?? []) as Node[])[0] ?? {};
    return {
      resource: (entry['resource'] ?? {}) as Node,
      scope: (inner['scope'] ?? {}) as Node,
      items: (inner[leaves] ?? []) as Node[],
    };
  }

  span(span: object, around?: Around): Node {
    return this.items(TRACES, [span], around)[0];
  }
  log(log: object, around?: Around): Node {
    return this.items(LOGS, [log], around)[0];
  }
  metric(metric: object, around?: Around): Node {
    return this.items(METRICS, [metric], around)[0];
  }
}

const OPTIONS = { longs: String, bytes: Buffer, enums: Number } as const;
