/**
 * Scenario: requests of all signals are edited at random: attributes set, replaced and removed, fields changed, messages left out, at
 * every level, several times in a row. Guarantee: the result is what decoding, editing objects and encoding again gives, as the
 * oracle reads it; the input stays as it was; what was not edited is handed back as it is.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairBytes, putPair, putValue } from '#codec/otlp/attribute-edit.ts';
import {
  LOG_RECORD,
  METRIC,
  NUMBER_POINT,
  HISTOGRAM_POINT,
  EXPONENTIAL_POINT,
  SUMMARY_POINT,
  RESOURCE,
  SCOPE,
  SPAN,
  SPAN_EVENT,
} from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { BatchEditor, type Edits } from '#components/kit/edit/batch-editor.ts';
import { countItems } from '#codec/otlp/count.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { LOGS, METRICS, SIGNALS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { encodeRequest, requestType } from '#test/support/otlp-proto.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';
import fc from 'fast-check';

const MAKERS = [makeTraces, makeMetrics, makeLogs] as const;
const KEYS = ['http.method', 'http.route', 'service.name', 'new', 'ключ', ''];

interface Pair {
  key?: string;
  value?: Record<string, unknown>;
}
interface Node {
  attributes?: Pair[];
  name?: string;
  [field: string]: unknown;
}
type Level = 'resource' | 'scope' | 'item' | 'inner';

/** One thing that is done to every third, fifth... message of a level. */
interface Step {
  readonly level: Level;
  readonly every: number;
  readonly what: 'drop' | 'set' | 'setConstant' | 'remove' | 'rename' | 'settle';
  readonly key: string;
  readonly value: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  level: fc.constantFrom<Level[]>('resource', 'scope', 'item', 'inner'),
  every: fc.integer({ min: 1, max: 5 }),
  what: fc.constantFrom<Step['what'][]>('drop', 'set', 'setConstant', 'remove', 'rename', 'settle'),
  key: fc.constantFrom(...KEYS),
  value: fc.oneof(fc.string({ maxLength: 12, unit: 'grapheme' }), fc.constant('x'.repeat(300))),
});

const POINTS: Readonly<Record<number, number>> = {
  [METRIC.gauge]: NUMBER_POINT.attributes,
  [METRIC.sum]: NUMBER_POINT.attributes,
  [METRIC.histogram]: HISTOGRAM_POINT.attributes,
  [METRIC.exponentialHistogram]: EXPONENTIAL_POINT.attributes,
  [METRIC.summary]: SUMMARY_POINT.attributes,
};

/** The messages of a level in bytes: which, its field of attributes, its field of a name (0: none). */
function place(signal: Signal, level: Level, t: Telemetry): readonly [Message, number, number] {
  if (level === 'resource') return [t.resource, RESOURCE.attributes, 0];
  if (level === 'scope') return [t.scope, SCOPE.attributes, SCOPE.name];
  if (signal === LOGS) return [t.log, LOG_RECORD.attributes, LOG_RECORD.severityText];
  if (signal === TRACES)
    return level === 'item'
      ? [t.span, SPAN.attributes, SPAN.name]
      : [t.spanEvent, SPAN_EVENT.attributes, SPAN_EVENT.name];
  return level === 'item' ? [t.metric, METRIC.metadata, METRIC.name] : [t.point, POINTS[t.pointKind], 0];
}

const VISITOR: readonly Readonly<Record<Level, keyof Edits | null>>[] = [
  { resource: 'resource', scope: 'scope', item: 'span', inner: 'spanEvent' },
  { resource: 'resource', scope: 'scope', item: 'metric', inner: 'point' },
  { resource: 'resource', scope: 'scope', item: 'log', inner: null },
];

function inBytes(signal: Signal, steps: readonly Step[]): Edits {
  const edits: { -readonly [K in keyof Edits]: Edits[K] } = {};
  for (const level of ['resource', 'scope', 'item', 'inner'] as const) {
    const visitor = VISITOR[signal][level];
    const mine = steps.filter((s) => s.level === level);
    if (visitor === null || mine.length === 0) continue;
    let seen = 0;
    edits[visitor] = (t) => {
      const i = seen++;
      const [message, attributes, name] = place(signal, level, t);
      for (const { every, what, key, value } of mine) {
        if (i % every !== 0) continue;
        const bytes = Buffer.from(key);
        if (what === 'drop') return false;
        if (what === 'set') putValue(message, attributes, bytes, value);
        if (what === 'setConstant') putPair(message, attributes, bytes, pairBytes(attributes, bytes, 7n));
        if (what === 'remove' && message.find(attributes, bytes)) message.remove(message.row);
        if (what === 'settle') message.whole();
        if (what === 'rename' && name !== 0) {
          const mark = message.mark();
          if (value !== '') message.scratch.string(name, value);
          message.put(name, mark);
        }
      }
      return true;
    };
  }
  return edits;
}

const FIELDS = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
] as const;
const DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

/** The same on decoded objects. */
function inObjects(signal: Signal, steps: readonly Step[], request: Node): Node {
  const seen: Record<Level, number> = { resource: 0, scope: 0, item: 0, inner: 0 };
  const visit = (level: Level, node: Node, name: string): boolean => {
    const mine = steps.filter((s) => s.level === level);
    const i = seen[level]++;
    const attributes = signal === METRICS && level === 'item' ? 'metadata' : 'attributes';
    for (const { every, what, key, value } of mine) {
      if (i % every !== 0) continue;
      const pairs = (node[attributes] ??= []);
      const at = pairs.findIndex((pair) => (pair.key ?? '') === key);
      if (what === 'drop') return false;
      if (what === 'remove' && at >= 0) pairs.splice(at, 1);
      if (what === 'rename' && name !== '') node[name] = value;
      if (what !== 'set' && what !== 'setConstant') continue;
      const pair = { key, value: what === 'set' ? { stringValue: value } : { intValue: '7' } };
      if (at >= 0) pairs[at] = pair;
      else pairs.push(pair);
    }
    return true;
  };
  const [entries, scopes, items] = FIELDS[signal];
  const kept = (list: unknown, keep: (node: Node) => boolean): Node[] => ((list ?? []) as Node[]).filter(keep);
  const inner = (item: Node): boolean => {
    if (signal === TRACES) item['events'] = kept(item['events'], (event) => visit('inner', event, 'name'));
    if (signal !== METRICS) return true;
    const kind = DATA.find((k) => item[k] !== undefined);
    if (kind === undefined) return true;
    const data = item[kind] as Node;
    const had = ((data['dataPoints'] ?? []) as Node[]).length;
    const left = kept(data['dataPoints'], (point) => visit('inner', point, ''));
    data['dataPoints'] = left;
    return had === 0 || left.length > 0;
  };
  const name = signal === LOGS ? 'severityText' : 'name';
  request[entries] = kept(request[entries], (entry) => {
    let lost = false;
    if (!visit('resource', (entry['resource'] ??= {}) as Node, '')) return false;
    const scopesLeft = kept(entry[scopes], (scope) => {
      if (!visit('scope', (scope['scope'] ??= {}) as Node, 'name')) return !(lost = true);
      const had = ((scope[items] ?? []) as Node[]).length;
      const left = kept(scope[items], (item) => visit('item', item, name) && inner(item));
      scope[items] = left;
      if (left.length < had) lost = true;
      return left.length > 0 || had === 0;
    });
    entry[scopes] = scopesLeft;
    return scopesLeft.length > 0 || !lost;
  });
  return request;
}

const OPTIONS = { longs: String, bytes: String, enums: Number } as const;

/** Without what is empty: the two ways differ in messages that are there and have nothing in them. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, member]) => [key, tidy(member)] as const)
    .filter(([, m]) => !(typeof m === 'object' && m !== null && Object.keys(m).length === 0));
  return Object.fromEntries(entries);
}

for (const signal of SIGNALS)
  test(`edited ${SIGNAL_NAMES[signal]} are what editing objects gives`, () => {
    const editor = new BatchEditor();
    const type = requestType(signal);
    const object = (bytes: Buffer): Node => type.toObject(type.decode(bytes), OPTIONS);
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 3 }),
        (seed, items, runs) => {
          const bytes = MAKERS[signal]({ items, resources: 1 + (items % 4), seed });
          const copy = Buffer.from(bytes);
          let edited: Buffer | null = bytes;
          let model = object(bytes);
          let count = countItems(signal, bytes);
          for (const steps of runs) {
            if (edited === null) break;
            edited = editor.run(signal, edited, count, inBytes(signal, steps));
            count = editor.items;
            model = inObjects(signal, steps, model);
          }
          assert.deepEqual(bytes, copy, 'the input is as it was');
          const expected = encodeRequest(signal, model);
          assert.equal(count, countItems(signal, expected));
          if (edited === null) assert.equal(count, 0);
          else assert.deepEqual(tidy(object(edited)), tidy(object(expected)));
        },
      ),
      { numRuns: 300 },
    );
  });

test('what nobody edits is the same memory', () => {
  for (const signal of SIGNALS) {
    const bytes = MAKERS[signal]({ items: 20, seed: 1 });
    const all = Object.fromEntries(
      Object.values(VISITOR[signal]).flatMap((k) => (k === null ? [] : [[k, () => true]])),
    );
    assert.equal(new BatchEditor().run(signal, bytes, 20, all), bytes);
  }
});
