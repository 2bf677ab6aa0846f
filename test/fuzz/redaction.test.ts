/**
 * Scenario: log records with any attributes and any body pass otelcol.processor.redaction with any lists. Guarantee: what comes out is
 * what the rules, written down once more over plain values, make of them; the summary names every key that was touched.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args as schema } from '#components/otelcol/processor/redaction/schema.ts';
import { create } from '#components/otelcol/processor/redaction/worker.ts';
import { attributesIn, Edited, pairsOf, plainIn, valueOf, type Attributes, type Plain } from '#test/support/edited.ts';
import fc from 'fast-check';

const KEYS = ['a', 'token', 'user', 'safe'];
const VALUES = ['51000', 'x 51000 y 51999', 'safe 51000', 'plain', '', 'ключ 51000'];

const plain = fc.letrec<{ value: Plain; list: Plain; map: Attributes }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Plain[]>(...VALUES, 51000n, 7n, true, 1.5, null),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { noNullPrototype: true }),
}));

const rules = fc.record({
  allow_all_keys: fc.boolean(),
  allowed_keys: fc.subarray(KEYS),
  ignored_keys: fc.subarray(['user']),
  blocked_key_patterns: fc.subarray(['^tok']),
  allowed_values: fc.subarray(['^safe']),
  blocked_values: fc.subarray(['51[0-9]{3}']),
  redact_all_types: fc.boolean(),
});
type Rules = typeof rules extends fc.Arbitrary<infer R> ? R : never;

interface Told {
  readonly redacted: string[];
  readonly masked: string[];
  readonly allowed: string[];
  ignored: number;
}
const told = (): Told => ({ redacted: [], masked: [], allowed: [], ignored: 0 });

const isIn = (patterns: readonly string[], text: string): boolean => patterns.some((p) => new RegExp(p).test(text));
const masked = ({ blocked_values: blocked }: Rules, text: string): string =>
  blocked.reduce((out, pattern) => out.replaceAll(new RegExp(pattern, 'g'), '****'), text);

function textOf(value: Plain): string {
  if (value === null) return '';
  return typeof value === 'object' ? jsonOf(value) : String(value);
}
function jsonOf(value: Plain): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as Plain[]).map(jsonOf).join(',')}]`;
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonOf(member)}`).join(',')}}`;
}

/** Members of a map, or attributes. `inner`: what becomes of a value that its key leaves alone; undefined: it stays. */
function redacted(
  r: Rules,
  map: Attributes,
  way: (key: string) => string,
  tell: Told,
  mask: (value: Plain) => string | undefined,
  inner: (value: Plain, way: string) => Plain | undefined,
): Attributes {
  const out: Record<string, Plain> = {};
  for (const [key, value] of Object.entries(map)) {
    if (r.ignored_keys.includes(key)) {
      tell.ignored++;
      out[key] = value;
    } else if (!r.allow_all_keys && !r.allowed_keys.includes(key)) tell.redacted.push(way(key));
    else {
      const blocked = isIn(r.blocked_key_patterns, key);
      const whole = blocked ? mask(value) : undefined;
      if (blocked && whole === undefined) tell.allowed.push(way(key));
      else if (whole !== undefined) tell.masked.push(way(key));
      out[key] = whole ?? (blocked ? value : (inner(value, way(key)) ?? value));
    }
  }
  return out;
}

function onAttributes(r: Rules, attributes: Attributes, tell: Told): Attributes {
  const seen = (value: Plain): string => (typeof value === 'string' || r.redact_all_types ? textOf(value) : '');
  return redacted(
    r,
    attributes,
    (key) => key,
    tell,
    (value) => (isIn(r.allowed_values, seen(value)) ? undefined : '****'),
    (value, key) => scalar(r, seen(value), key, tell),
  );
}

function scalar(r: Rules, text: string, key: string, tell: Told): string | undefined {
  if (isIn(r.allowed_values, text)) {
    tell.allowed.push(key);
    return undefined;
  }
  const out = masked(r, text);
  if (out === text) return undefined;
  tell.masked.push(key);
  return out;
}

function onBody(r: Rules, value: Plain, way: string, tell: Told): Plain {
  if (Array.isArray(value))
    return (value as Plain[]).map((item, i) => onBody(r, item, way === '' ? `[${i}]` : `${way}.[${i}]`, tell));
  if (typeof value === 'object' && value !== null)
    return redacted(
      r,
      value as Attributes,
      (key) => (way === '' ? key : `${way}.${key}`),
      tell,
      () => '****',
      (member, inner) => onBody(r, member, inner, tell),
    );
  const text = textOf(value);
  if (way === '' && isIn(r.allowed_values, text)) return value;
  return scalar(r, text, way === '' ? 'body' : way, tell) ?? value;
}

function summaryOf(prefix: string, tell: Told): Attributes {
  const out: Record<string, Plain> = {};
  for (const kind of ['redacted', 'masked', 'allowed'] as const) {
    if (tell[kind].length === 0) continue;
    out[`${prefix}.${kind}.keys`] = tell[kind].sort().join(',');
    out[`${prefix}.${kind}.count`] = BigInt(tell[kind].length);
  }
  if (tell.ignored > 0) out[`${prefix}.ignored.count`] = BigInt(tell.ignored);
  return out;
}

test('attributes and bodies are what the rules make of plain values', () => {
  const { map, value } = plain;
  fc.assert(
    fc.property(
      rules,
      fc.array(fc.record({ attributes: map, body: value }), { minLength: 1, maxLength: 4 }),
      (r, logs) => {
        const text = Object.entries(r)
          .map(([name, v]) => `${name} = ${JSON.stringify(v)}`)
          .join('\n');
        const part = new Edited(
          'otelcol.processor.redaction.x',
          create,
          schema,
          `${text}\nsummary = "debug"\noutput { }`,
        );
        for (const { attributes, body } of logs) {
          const log = part.log({ attributes: pairsOf(attributes), body: valueOf(body), severityText: 'x' });
          const ofAttributes = told();
          const ofBody = told();
          const expected = onAttributes(r, attributes, ofAttributes);
          assert.deepEqual(plainIn(log['body'] as Record<string, unknown>), onBody(r, body, '', ofBody), text);
          assert.deepEqual(
            attributesIn(log),
            { ...expected, ...summaryOf('redaction', ofAttributes), ...summaryOf('redaction.body', ofBody) },
            text,
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});
