/** Scenario: random spans and settings. Guarantees: the lines are those of a plain model over decoded spans, whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { args as schema, type Args } from '#components/otelcol/connector/spanlogs/schema.ts';
import { create } from '#components/otelcol/connector/spanlogs/worker.ts';
import { defaults } from '#config/schema/schema.ts';
import { LOGS, TRACES } from '#shared/signal.ts';
import { decodeRequest, encodeRequest } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

type Value = { stringValue: string } | { intValue: string } | { boolValue: boolean };
interface Attribute {
  readonly key: string;
  readonly value: Value;
}
interface Span {
  readonly traceId: Buffer;
  readonly parentSpanId: Buffer;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly attributes: readonly Attribute[] }[];
}
interface Entry {
  readonly resource: { readonly attributes: readonly Attribute[] };
  readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
}

const key = fc.constantFrom('a', 'b', 'c', 'dur', 'svc', 'tid', 'service.name', 'traces');
const word = fc.oneof(
  fc.constantFrom('', 'null', 'x y', 'k="v"', 'plain', 'žluť'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const value: fc.Arbitrary<Value> = fc.oneof(
  word.map((stringValue) => ({ stringValue })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => ({ intValue: String(n) })),
  fc.boolean().map((boolValue) => ({ boolValue })),
);
const attributes = fc.array(fc.record({ key, value }), { maxLength: 4 });
const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const span: fc.Arbitrary<Span> = fc.record({
  traceId: fc.constantFrom(Buffer.alloc(0), Buffer.alloc(16), Buffer.alloc(16, 1), Buffer.alloc(16, 0xab)),
  parentSpanId: fc.constantFrom(Buffer.alloc(0), Buffer.alloc(8), Buffer.alloc(8, 3)),
  name: word,
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  status: fc.record({ code: fc.constantFrom(0, 1, 2) }),
  attributes,
  events: fc.array(fc.record({ attributes }), { maxLength: 2 }),
});
const entry: fc.Arbitrary<Entry> = fc.record({
  resource: fc.record({ attributes }),
  scopeSpans: fc.array(fc.record({ spans: fc.array(span, { maxLength: 4 }) }), { maxLength: 2 }),
});
const settings = fc.record({
  spans: fc.boolean(),
  roots: fc.boolean(),
  processes: fc.boolean(),
  events: fc.boolean(),
  span_attributes: fc.array(key, { maxLength: 3 }),
  process_attributes: fc.array(key, { maxLength: 3 }),
  event_attributes: fc.array(key, { maxLength: 3 }),
  labels: fc.array(key, { maxLength: 3 }),
});

type Pairs = Map<string, Value>;

const logfmtText = (text: string): string => {
  if (text === 'null') return '"null"';
  // eslint-disable-next-line no-control-regex
  if (!/[\u0000- ="\u007f\ufffd]|\p{Surrogate}/u.test(text)) return text;
  return JSON.stringify(text).replace(/[\b\f\u007f\ufffd]|\\[bf]/g, (c) => {
    const code = c === '\\b' ? 8 : c === '\\f' ? 12 : c.charCodeAt(0);
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
};
const printed = (v: Value): string =>
  'stringValue' in v ? logfmtText(v.stringValue) : 'intValue' in v ? v.intValue : String(v.boolValue);

function pick(names: readonly string[], from: readonly Attribute[], into: Pairs): void {
  for (const name of names) {
    const found = from.find((attribute) => attribute.key === name);
    if (found !== undefined) into.set(name, found.value);
  }
}

function model(args: Args, entries: readonly Entry[]): unknown[] {
  const out: unknown[] = [];
  const { overrides } = args;
  const log = (kind: string, pairs: Pairs): void => {
    const attributes: Pairs = new Map([[overrides.logs_instance_tag, { stringValue: kind }]]);
    for (const [k, v] of pairs) if (args.labels.includes(k)) attributes.set(k, v);
    const body = [...pairs].map(([k, v]) => `${k}=${printed(v)}`).join(' ');
    out.push({ body, attributes: [...attributes] });
  };
  for (const { resource, scopeSpans } of entries) {
    const service = resource.attributes.find((attribute) => attribute.key === 'service.name')?.value;
    const process = (into: Pairs): void => {
      into.set('svc', { stringValue: service !== undefined && 'stringValue' in service ? service.stringValue : '' });
      pick(args.process_attributes, resource.attributes, into);
    };
    for (const { spans } of scopeSpans) {
      let last = '';
      for (const one of spans) {
        const hex = one.traceId.toString('hex');
        const traceId = /[^0]/.test(hex) ? hex : '';
        if (args.processes && traceId !== last) {
          last = traceId;
          const pairs: Pairs = new Map();
          process(pairs);
          log('process', pairs.set('tid', { stringValue: traceId }));
        }
        const pairs: Pairs = new Map([['span', { stringValue: one.name }]]);
        const nanos = BigInt.asIntN(64, BigInt(one.endTimeUnixNano) - BigInt(one.startTimeUnixNano));
        pairs.set('dur', { stringValue: `${nanos}ns` });
        if (one.status.code > 0) pairs.set('status', { stringValue: one.status.code === 1 ? 'Ok' : 'Error' });
        pick(args.span_attributes, one.attributes, pairs);
        process(pairs);
        pairs.set('tid', { stringValue: traceId });
        if (args.spans) log('span', pairs);
        if (args.roots && !/[^0]/.test(one.parentSpanId.toString('hex'))) log('root', pairs);
        if (!args.events) continue;
        for (const event of one.events) {
          const own: Pairs = new Map(pairs);
          pick(args.event_attributes, event.attributes, own);
          log('event', own);
        }
      }
    }
  }
  return out;
}

function produced(args: Args, entries: readonly Entry[]): unknown[] {
  const ctx = workerContext('otelcol.connector.spanlogs.default');
  const part = create(args, ctx);
  const bytes = encodeRequest(TRACES, { resourceSpans: entries });
  void part.input?.consume({ signal: TRACES, bytes, items: 1, metadata: null, owned: true });
  return ctx.next.logs.taken.flatMap((batch) => {
    const { resourceLogs } = decodeRequest(LOGS, batch.bytes) as unknown as {
      resourceLogs: { scopeLogs?: { logRecords?: { body: { stringValue: string }; attributes: Attribute[] }[] }[] }[];
    };
    return resourceLogs.flatMap((r) =>
      (r.scopeLogs ?? []).flatMap((s) =>
        (s.logRecords ?? []).map(({ body, attributes: list }) => ({
          body: body.stringValue,
          attributes: list.map((attribute) => [attribute.key, attribute.value]),
        })),
      ),
    );
  });
}

test('lines are those of the model', () => {
  fc.assert(
    fc.property(settings, fc.array(entry, { maxLength: 2 }), (changes, entries) => {
      const args: Args = { ...defaults(schema), ...changes };
      assert.deepEqual(produced(args, entries), model(args, entries));
    }),
    { numRuns: 300 },
  );
});
