/**
 * Scenario: requests of all signals, any attributes on their items, pass otelcol.processor.attributes with any list of actions and any
 * include. Guarantee: what comes out is what the same actions, written down once more over decoded objects, make of it; the batch that
 * came in is as it was, and so is another branch of a fan-out.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fanOut } from '#components/kit/fan-out.ts';
import { args as schema } from '#components/otelcol/processor/attributes/schema.ts';
import { create } from '#components/otelcol/processor/attributes/worker.ts';
import { countItems } from '#codec/otlp/count.ts';
import { LOGS, METRICS, SIGNALS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { attributesIn, pairsOf, type Attributes, type Plain } from '#test/support/edited.ts';
import { encodeRequest, requestType } from '#test/support/otlp-proto.ts';
import { RecordingConsumer } from '#test/support/recording-consumer.ts';
import { workerContext } from '#test/support/worker-context.ts';
import fc from 'fast-check';

const KEYS = ['a', 'b', 'user.id', 'user.name', 'ключ'];
const SERVICES = ['shop', 'cart'];
const NAMES = ['GET /', 'GET /a', 'other'];

const plain: fc.Arbitrary<Plain> = fc.oneof(
  fc.constantFrom<Plain[]>(null, true, false, '', '7', 'user-7', '1.5', 7n, -1n, 1.5, -0.5, ['x', 1n], { k: 'v' }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
);
const attributes = fc.dictionary(fc.constantFrom(...KEYS), plain, { noNullPrototype: true });

interface Action {
  readonly key: string;
  readonly action: string;
  readonly value?: string | bigint | boolean | number;
  readonly from_attribute?: string;
  readonly pattern?: string;
  readonly converted_type?: string;
}
const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom('s', 3n, true, 2.5, 'x'.repeat(300));
const patterns = fc.constantFrom('user', '^a$', '.');
const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: fc.record({ key, value, action: fc.constant('insert') }), weight: 3 },
  fc.record({ key, value, action: fc.constantFrom('update', 'upsert') }),
  fc.record({ key, from_attribute: key, action: fc.constantFrom('insert', 'update', 'upsert') }),
  fc.record({ key, action: fc.constantFrom('delete', 'hash') }),
  fc.record({ key, pattern: patterns, action: fc.constantFrom('delete', 'hash') }),
  fc.record({ key, pattern: fc.constant('(?<b>[a-z]+)-(?<n>[0-9])'), action: fc.constant('extract') }),
  fc.record({ key, converted_type: fc.constantFrom('int', 'double', 'string'), action: fc.constant('convert') }),
);

interface Include {
  readonly services: readonly string[];
  readonly names: readonly string[];
  readonly attribute: string | null;
}
const include: fc.Arbitrary<Include | null> = fc.option(
  fc
    .record({
      services: fc.subarray(SERVICES),
      names: fc.subarray(NAMES),
      attribute: fc.option(fc.constantFrom(...KEYS)),
    })
    .filter(({ services, names, attribute }) => services.length + names.length > 0 || attribute !== null),
);

const written = (v: unknown): string => (typeof v === 'string' ? JSON.stringify(v) : String(v));
function textOf(actions: readonly Action[], only: Include | null, signal: Signal): string {
  const blocks = actions.map(
    (one) =>
      `action {\n${Object.entries(one)
        .map(([name, v]) => `${name} = ${written(v)}`)
        .join('\n')}\n}\n`,
  );
  if (only === null) return `${blocks.join('')}output { }`;
  const { services, names, attribute } = only;
  const field = ['span_names', 'metric_names', 'log_bodies'][signal];
  const lines = [
    'match_type = "strict"',
    signal === TRACES ? `services = ${JSON.stringify(services)}` : '',
    `${field} = ${JSON.stringify(names)}`,
    attribute === null ? '' : `attribute {\nkey = ${JSON.stringify(attribute)}\n}`,
  ];
  return `${blocks.join('')}include {\n${lines.join('\n')}\n}\noutput { }`;
}

function matches(only: Include | null, signal: Signal, service: string, name: string, has: Attributes): boolean {
  if (only === null) return true;
  const { services, names, attribute } = only;
  if (names.length > 0 && !names.includes(name)) return false;
  if (signal === METRICS) return true;
  if (signal === TRACES && services.length > 0 && !services.includes(service)) return false;
  return attribute === null || attribute in has;
}

/** The actions, on objects. */
function applied(actions: readonly Action[], before: Attributes): Attributes {
  const out = new Map(Object.entries(before));
  for (const one of actions) {
    const there = out.has(one.key);
    const matching = [...out.keys()].filter((k) => one.pattern !== undefined && new RegExp(one.pattern).test(k));
    switch (one.action) {
      case 'insert':
      case 'update':
      case 'upsert': {
        const given = one.value !== undefined || out.has(one.from_attribute!);
        const wanted = one.action === 'upsert' || there === (one.action === 'update');
        if (given && wanted) out.set(one.key, one.value ?? out.get(one.from_attribute!)!);
        break;
      }
      case 'delete':
        for (const k of [one.key, ...matching]) out.delete(k);
        break;
      case 'hash':
        if (there) out.set(one.key, hashed(out.get(one.key)!));
        for (const k of matching) out.set(k, hashed(out.get(k)!));
        break;
      case 'extract': {
        const from = out.get(one.key);
        const match = typeof from === 'string' ? /([a-z]+)-([0-9])/.exec(from) : null;
        if (match !== null) for (const [i, k] of ['b', 'n'].entries()) out.set(k, match[i + 1]);
        break;
      }
      default:
        if (there) out.set(one.key, converted(out.get(one.key)!, one.converted_type!));
    }
  }
  return Object.fromEntries(out);
}

function hashed(v: Plain): string {
  const bytes = Buffer.alloc(8);
  if (typeof v === 'bigint') bytes.writeBigInt64LE(v);
  else if (typeof v === 'number') bytes.writeDoubleLE(v);
  else if (typeof v === 'boolean') return sha(Buffer.of(Number(v)));
  else return typeof v === 'string' && v !== '' ? sha(Buffer.from(v)) : '';
  return sha(bytes);
}
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function converted(v: Plain, type: string): Plain {
  if (type === 'string') return asText(v);
  if (typeof v === 'boolean') v = v ? 1n : 0n;
  if (typeof v === 'string') {
    if (type === 'int') return /^[-+]?\d+$/.test(v) && inRange(BigInt(v)) === BigInt(v) ? BigInt(v) : v;
    return /^[-+]?\d+(\.\d+)?$/.test(v) ? Number(v) : v;
  }
  if (typeof v !== 'bigint' && typeof v !== 'number') return v;
  return type === 'int' ? inRange(BigInt(typeof v === 'number' ? Math.trunc(v) : v)) : Number(v);
}
const MAX = 2n ** 63n - 1n;
const inRange = (v: bigint): bigint => (v > MAX ? MAX : v < -MAX - 1n ? -MAX - 1n : v);
function asText(v: Plain): string {
  if (v === null) return '';
  if (Buffer.isBuffer(v)) return v.toString('base64');
  if (Array.isArray(v)) return `[${(v as Plain[]).map(asJson).join(',')}]`;
  if (typeof v === 'object')
    return `{${Object.entries(v)
      .map(([k, m]) => `"${k}":${asJson(m)}`)
      .join(',')}}`;
  return String(v);
}
const asJson = (v: Plain): string => (typeof v === 'string' ? JSON.stringify(v) : asText(v));

const FIELDS = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
] as const;
const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

interface Item {
  readonly service: string;
  readonly name: string;
  readonly attributes: Attributes;
}
const items = fc.array(
  fc.record({ service: fc.constantFrom(...SERVICES), name: fc.constantFrom(...NAMES), attributes }),
  { minLength: 1, maxLength: 12 },
);

/** Each in a resource of its own. */
function requestOf(signal: Signal, list: readonly Item[]): Buffer {
  const [entries, scopes, leaves] = FIELDS[signal];
  const leaf = ({ name, attributes: own }: Item, i: number): object => {
    const pairs = pairsOf(own);
    if (signal === LOGS) return { body: { stringValue: name }, severityText: 'INFO', attributes: pairs };
    if (signal === TRACES)
      return {
        traceId: Buffer.alloc(16, 1),
        spanId: Buffer.alloc(8, 1),
        name,
        kind: 2,
        attributes: pairs,
        events: [{ name, attributes: pairs }],
        status: { code: 1 },
      };
    return { name, [KINDS[i % KINDS.length]]: { dataPoints: [{ attributes: pairs, timeUnixNano: '5' }] } };
  };
  return encodeRequest(signal, {
    [entries]: list.map((item, i) => ({
      resource: { attributes: pairsOf({ 'service.name': item.service }) },
      [scopes]: [{ scope: { name: 'lib' }, [leaves]: [leaf(item, i)] }],
    })),
  });
}

/** The same request with other attributes on its items. */
function withAttributes(signal: Signal, list: readonly Item[], change: (item: Item) => Attributes): unknown {
  const [entries, scopes, leaves] = FIELDS[signal];
  const object = decoded(signal, requestOf(signal, list)) as Record<string, Record<string, never>[]>;
  list.forEach((item, i) => {
    const leaf = (object[entries][i][scopes] as Record<string, Record<string, unknown>[]>[])[0][leaves][0];
    const kind = KINDS.find((k) => leaf[k] !== undefined);
    const holder = signal === METRICS ? (leaf[kind!] as { dataPoints: Record<string, unknown>[] }).dataPoints[0] : leaf;
    holder['attributes'] = change(item);
  });
  return object;
}

/** As the oracle reads it, attributes of items as plain values. */
function decoded(signal: Signal, bytes: Uint8Array, plainAttributes = false): unknown {
  const type = requestType(signal);
  const [entries, scopes, leaves] = FIELDS[signal];
  const object = type.toObject(type.decode(bytes), { longs: String, bytes: Buffer, enums: Number, arrays: true });
  if (!plainAttributes) return object;
  for (const entry of object[entries] as Record<string, Record<string, Record<string, unknown>[]>[]>[]) {
    const leaf = entry[scopes][0][leaves][0];
    const kind = KINDS.find((k) => leaf[k] !== undefined);
    const holder = signal === METRICS ? (leaf[kind!] as { dataPoints: Record<string, unknown>[] }).dataPoints[0] : leaf;
    holder['attributes'] = attributesIn(holder);
  }
  return object;
}

for (const signal of SIGNALS)
  test(`${SIGNAL_NAMES[signal]}: actions on bytes are the actions on objects`, () => {
    fc.assert(
      fc.property(items, fc.array(action, { maxLength: 8 }), include, (list, actions, only) => {
        const bytes = requestOf(signal, list);
        const copy = Buffer.from(bytes);
        const ctx = workerContext('otelcol.processor.attributes.x');
        const untouched = new RecordingConsumer();
        const text = textOf(actions, only, signal);
        const part = create(argsOf(schema, text), ctx);
        const both = fanOut([part.input!, untouched] as never);
        const batch = { signal, bytes, items: countItems(signal, bytes), metadata: null, owned: true };
        void both.consume(batch);
        assert.deepEqual(bytes, copy);
        assert.deepEqual(untouched.taken[0].bytes, copy, 'the other branch');
        const out = ctx.next[SIGNAL_NAMES[signal]].taken[0];
        assert.equal(out.items, batch.items);
        const expected = withAttributes(signal, list, ({ service, name, attributes: own }) =>
          matches(only, signal, service, name, own) ? applied(actions, own) : own,
        );
        assert.deepEqual(decoded(signal, out.bytes, true), expected, text);
      }),
      { numRuns: 400 },
    );
  });
