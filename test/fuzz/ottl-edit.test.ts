/**
 * Scenario: random statements of random groups run over random payloads of all signals, through the transform processor. Guarantee: what
 * comes out is what the same edits make of decoded objects, as the oracle reads it; the input stays as it was; the number of items is right.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args as schema } from '#components/otelcol/processor/transform/schema.ts';
import { create } from '#components/otelcol/processor/transform/worker.ts';
import { countItems } from '#codec/otlp/count.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, METRICS, SIGNALS, SIGNAL_NAMES, type Signal } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { encodeRequest, requestType } from '#test/support/otlp-proto.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';
import { workerContext } from '#test/support/worker-context.ts';
import fc from 'fast-check';

interface AnyValue {
  stringValue?: string;
  intValue?: string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values: AnyValue[] };
}
interface Pair {
  key?: string;
  value?: AnyValue;
}
interface Node {
  attributes?: Pair[];
  [field: string]: unknown;
}

/** A value as a statement writes it, and as an AnyValue. */
interface Literal {
  readonly text: string;
  readonly value: AnyValue;
}
const LITERALS: readonly Literal[] = [
  { text: '"new"', value: { stringValue: 'new' } },
  { text: '""', value: { stringValue: '' } },
  { text: '"\u00e4\u{1f600}x"', value: { stringValue: '\u00e4\u{1f600}x' } },
  { text: `"${'y'.repeat(200)}"`, value: { stringValue: 'y'.repeat(200) } },
  { text: '-7', value: { intValue: '-7' } },
  { text: '9223372036854775807', value: { intValue: '9223372036854775807' } },
  { text: '2.5', value: { doubleValue: 2.5 } },
  { text: 'true', value: { boolValue: true } },
  { text: '["a", 1]', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }] } } },
];
const KEYS = ['http.method', 'http.route', 'service.name', 'new', '\u043a\u043b\u044e\u0447', ''];
/** What Go and JavaScript read alike: they differ in empty matches behind others, and in what a dot leaves out. */
const EXPRESSIONS = ['[aeiou]', '^[^\\\\n]', '\\\\d+', '(\\\\w)(\\\\w)', 'x+$'];

/** One edit: its text, and what it does to a decoded message. */
interface Step {
  readonly text: string;
  readonly apply: (node: Node) => void;
}

const find = (node: Node, key: string): Pair | undefined => node.attributes?.find((pair) => (pair.key ?? '') === key);

function put(node: Node, key: string, value: AnyValue): void {
  const pair = find(node, key);
  if (pair === undefined) (node.attributes ??= []).push({ key, value });
  else pair.value = value;
}

function truncated(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

function limited(node: Node, most: number, priority: readonly string[]): void {
  const pairs = node.attributes ?? [];
  if (pairs.length <= most) return;
  let room = most - new Set(priority.filter((key) => find(node, key) !== undefined)).size;
  node.attributes = pairs.filter(({ key = '' }) => priority.includes(key) || room-- > 0);
}

const key = fc.constantFrom(...KEYS);
const keys = fc.uniqueArray(key, { maxLength: 3 });
const literal = fc.constantFrom(...LITERALS);
const listed = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;

const edit: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, literal).map(([k, { text, value }]) => ({
    text: `set(attributes["${k}"], ${text})`,
    apply: (node: Node) => put(node, k, structuredClone(value)),
  })),
  fc.tuple(key, key).map(([to, from]) => ({
    text: `set(attributes["${to}"], attributes["${from}"])`,
    apply: (node: Node) => {
      const value = find(node, from)?.value;
      if (value !== undefined && Object.keys(value).length > 0) put(node, to, structuredClone(value));
    },
  })),
  key.map((k) => ({
    text: `delete_key(attributes, "${k}")`,
    apply: (node: Node) => {
      const pair = find(node, k);
      node.attributes = (node.attributes ?? []).filter((one) => one !== pair);
    },
  })),
  keys.map((kept) => ({
    text: `keep_keys(attributes, ${listed(kept)})`,
    apply: (node: Node) => {
      node.attributes = (node.attributes ?? []).filter((pair) => kept.includes(pair.key ?? ''));
    },
  })),
  fc.integer({ min: 0, max: 12 }).map((limit) => ({
    text: `truncate_all(attributes, ${limit})`,
    apply: (node: Node) => {
      for (const { value } of node.attributes ?? [])
        if (value?.stringValue !== undefined) value.stringValue = truncated(value.stringValue, limit);
    },
  })),
  fc.tuple(key, fc.constantFrom(...EXPRESSIONS), fc.constantFrom('-', '', '<$0>')).map(([k, expression, by]) => ({
    text: `replace_pattern(attributes["${k}"], "${expression}", "${by}")`,
    apply: (node: Node) => {
      const value = find(node, k)?.value;
      if (value?.stringValue === undefined) return;
      const pattern = new RegExp(expression.replaceAll('\\\\', '\\'), 'gu');
      value.stringValue = value.stringValue.replace(pattern, by.replace('$0', '$$&'));
    },
  })),
  fc.tuple(fc.integer({ min: 3, max: 8 }), keys).map(([most, priority]) => ({
    text: `limit(attributes, ${most}, ${listed(priority)})`,
    apply: (node: Node) => limited(node, most, priority),
  })),
  fc.tuple(keys, literal, fc.constantFrom('insert', 'update', 'upsert')).map(([given, { text, value }, strategy]) => ({
    text: `merge_maps(attributes, {${given.map((k) => `"${k}": ${text}`).join(', ')}}, "${strategy}")`,
    apply: (node: Node) => {
      for (const k of given)
        if (strategy === 'upsert' || (find(node, k) !== undefined) === (strategy === 'update'))
          put(node, k, structuredClone(value));
    },
  })),
);

/** Maybe only where an attribute is there, or is not. */
const step: fc.Arbitrary<Step> = fc.tuple(edit, fc.option(fc.tuple(key, fc.boolean()))).map(([one, where]) => {
  if (where === null) return one;
  const [k, isThere] = where;
  return {
    text: `${one.text} where attributes["${k}"] ${isThere ? '!=' : '=='} nil`,
    apply: (node: Node) => {
      const value = find(node, k)?.value;
      if ((value !== undefined && Object.keys(value).length > 0) === isThere) one.apply(node);
    },
  };
});

const CONTEXTS = [
  ['resource', 'scope', 'span', 'spanevent'],
  ['resource', 'scope', 'datapoint'],
  ['resource', 'scope', 'log'],
] as const;
const FIELDS = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
] as const;
const DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

interface Group {
  readonly context: string;
  readonly steps: readonly Step[];
}

/** The messages of a context in a decoded request. */
function* nodesOf(signal: Signal, request: Node, context: string): Generator<Node> {
  const [entries, scopes, items] = FIELDS[signal];
  const list = (value: unknown): Node[] => (value ?? []) as Node[];
  for (const entry of list(request[entries])) {
    if (context === 'resource') yield (entry['resource'] ??= {}) as Node;
    for (const scope of list(entry[scopes])) {
      if (context === 'scope') yield (scope['scope'] ??= {}) as Node;
      for (const item of list(scope[items])) {
        if (context === 'span' || context === 'log') yield item;
        else if (context === 'spanevent') yield* list(item['events']);
        else if (context === 'datapoint')
          for (const kind of DATA) yield* list((item[kind] as Node | undefined)?.['dataPoints']);
      }
    }
  }
}

const OPTIONS = { longs: String, bytes: String, enums: Number } as const;

/** Without what is empty: a message that is there and has nothing in it is as good as none. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([field, inner]) => [field, tidy(inner)] as const)
    .filter(([, inner]) => !(typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0));
  return Object.fromEntries(entries);
}

const MAKERS = [makeTraces, makeMetrics, makeLogs] as const;
const KINDS = ['trace', 'metric', 'log'] as const;

for (const signal of SIGNALS) {
  const name = SIGNAL_NAMES[signal];
  const group: fc.Arbitrary<Group> = fc.record({
    context: fc.constantFrom(...CONTEXTS[signal]),
    steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  });

  test(`statements on ${name} are edits of objects`, () => {
    const type = requestType(signal);
    const object = (bytes: Buffer): Node => type.toObject(type.decode(bytes), OPTIONS);
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 25 }),
        fc.array(group, { minLength: 1, maxLength: 4 }),
        (seed, items, groups) => {
          const bytes = MAKERS[signal]({ items, resources: 1 + (items % 3), seed });
          const before = Buffer.from(bytes);
          const config = groups
            .map(({ context, steps }) => {
              const statements = steps.map(({ text }) => JSON.stringify(text)).join(', ');
              return `${KINDS[signal]}_statements {\ncontext = "${context}"\nstatements = [${statements}]\n}\n`;
            })
            .join('');
          const ctx = workerContext('otelcol.processor.transform.x');
          const part = create(argsOf(schema, `error_mode = "propagate"\n${config}output { }`), ctx);
          void part.start();
          const count = countItems(signal, bytes);
          const batch = { signal, bytes, items: count, metadata: null, owned: true };
          assert.equal(part.input!.consume(batch), Outcome.accepted);
          const model = object(bytes);
          for (const { context, steps } of groups)
            for (const node of nodesOf(signal, model, context)) for (const { apply } of steps) apply(node);
          const [taken] = ctx.next[name].taken;
          assert.equal(taken.items, count);
          assert.equal(countItems(signal, taken.bytes), count);
          assert.deepEqual(tidy(object(taken.bytes)), tidy(object(encodeRequest(signal, model))));
          assert.deepEqual(bytes, before, 'the input is as it was');
        },
      ),
      { numRuns: signal === METRICS || signal === LOGS ? 150 : 200 },
    );
  });
}
