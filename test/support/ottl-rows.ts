/** Tables of OTTL expressions with what they give on one span that has an attribute of every type. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OttlError } from '#ottl/error.ts';
import type { Value } from '#ottl/value.ts';
import { bytes, double, flag, int, listOf, mapOf, text, valueIn } from './ottl.ts';

/** `attributes["none"]` is nil. */
const SPAN = {
  name: 'GET /',
  kind: 2,
  attributes: [
    text('text', 'text'),
    text('empty', ''),
    text('snow', '\u00e4\u2603\u{1f600}b'),
    int('int', 7),
    double('double', 1.5),
    flag('true', true),
    bytes('bytes', Buffer.from('00ff', 'hex')),
    listOf('list', { stringValue: 'a' }, { intValue: 1 }),
    listOf('emptyList'),
    mapOf('map', text('k', 'v'), int('n', 2)),
    mapOf('emptyMap'),
  ],
};

/** Expressions with their values; `error: ...` is what they say when they fail, `wrong: ...` why they are no expression. */
export type Rows = Readonly<Record<string, Value>>;

/** Tests each row, with these attributes beside those of the span. */
export function testRows(rows: Rows, attributes: Readonly<Record<string, string>> = {}): void {
  const more = Object.entries(attributes).map(([key, value]) => text(key, value));
  const span = { ...SPAN, attributes: [...SPAN.attributes, ...more] };
  for (const [expression, expected] of Object.entries(rows))
    test(expression, () => assert.deepEqual(outcome(span, expression), expected));
}

function outcome(span: typeof SPAN, expression: string): Value {
  try {
    return valueIn('span', span, expression);
  } catch (thrown) {
    if (thrown instanceof OttlError) return `wrong: ${thrown.message}`;
    throw thrown;
  }
}

export const map = (entries: Readonly<Record<string, Value>>): Value => new Map(Object.entries(entries));
