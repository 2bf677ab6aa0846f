/**
 * Scenario: attributes and fields in wire forms of all kinds (several members in one AnyValue, padded varints, unknown fields, bytes that
 * are no UTF-8, pairs in any order) are compared with constants. Guarantee: comparing by bytes gives what comparing values gives.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOG_RECORD } from '#codec/otlp/fields.ts';
import { compare } from '#ottl/compare.ts';
import { compileCondition, compileValue } from '#ottl/expression.ts';
import type { CompareOperator } from '#ottl/syntax/ast.ts';
import { Telemetry } from '#ottl/telemetry.ts';
import fc from 'fast-check';
import { delimited, tag, varint } from './codec-wire.ts';

const BYTES = fc.oneof(
  fc
    .constantFrom('', 'a', 'ab', 'x'.repeat(127), 'x'.repeat(128), 'x'.repeat(300), '\ufffd', '\u00e4')
    .map((text) => Buffer.from(text)),
  fc.constantFrom([0xff], [0xc3], [0x61, 0xff], [0xef, 0xbf, 0xbd]).map((bytes) => Buffer.from(bytes)),
);
const INT = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    -1n,
    127n,
    128n,
    2n ** 28n - 1n,
    2n ** 28n,
    2n ** 31n,
    2n ** 53n,
    2n ** 53n + 1n,
    -(2n ** 63n),
    2n ** 63n - 1n,
  ),
  fc.integer({ min: -300, max: 300 }).map(BigInt),
);
const PADDING = fc.integer({ min: 0, max: 3 });
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(4, 1), bytes]);
};
const member: fc.Arbitrary<Buffer> = fc.oneof(
  fc.tuple(BYTES, PADDING).map(([bytes, padding]) => delimited(1, bytes, padding)),
  fc.boolean().map((value) => Buffer.concat([tag(2, 0), varint(Number(value))])),
  fc.tuple(INT, PADDING).map(([value, padding]) => Buffer.concat([tag(3, 0), varint(value, padding)])),
  fc.constantFrom(0, -0, 1, 1.5, NaN, 128, 2 ** 53).map(double),
  fc.constant(delimited(5, delimited(1, delimited(1, 'a')))),
  fc.constant(delimited(6, '')),
  BYTES.map((bytes) => delimited(7, bytes)),
  // Unknown fields.
  fc.constant(delimited(9, 'a')),
  fc.constant(Buffer.concat([tag(10, 0), varint(1)])),
);
const anyValue = fc.oneof(
  member,
  fc.array(member, { maxLength: 3 }).map((members) => Buffer.concat(members)),
);

const pair = fc
  .record({
    value: fc.option(anyValue),
    turned: fc.boolean(),
    padding: PADDING,
    unknown: fc.boolean(),
    twice: fc.boolean(),
  })
  .map(({ value, turned, padding, unknown, twice }) => {
    const key = delimited(1, 'k', padding);
    const parts = value === null ? [key] : [key, delimited(2, value, padding)];
    if (twice && value !== null) parts.splice(1, 0, delimited(2, delimited(1, 'before')));
    if (turned) parts.reverse();
    if (unknown) parts.push(delimited(7, 'x'));
    return delimited(LOG_RECORD.attributes, Buffer.concat(parts), padding);
  });
const field = fc.oneof(
  pair,
  BYTES.map((bytes) => delimited(LOG_RECORD.severityText, bytes)),
  fc
    .tuple(INT, PADDING)
    .map(([value, padding]) => Buffer.concat([tag(LOG_RECORD.severityNumber, 0), varint(value, padding)])),
  fc.constant(delimited(LOG_RECORD.attributes, delimited(1, 'other'))),
);
const record = fc.array(field, { maxLength: 4 }).map((fields) => Buffer.concat(fields));

const LITERALS = [
  'nil',
  'true',
  '""',
  '"a"',
  '"ab"',
  '"\ufffd"',
  '"\u00e4"',
  `"${'x'.repeat(127)}"`,
  `"${'x'.repeat(128)}"`,
  `"${'x'.repeat(300)}"`,
  '0',
  '1',
  '-1',
  '127',
  '128',
  '268435455',
  '268435456',
  '9007199254740993',
  '9223372036854775807',
  '1.0',
  '1.5',
  '0x61',
];
const OPERATORS: readonly CompareOperator[] = ['==', '!=', '<', '<=', '>', '>='];
const PATHS = ['attributes["k"]', 'severity_text', 'severity_number'];

test('by bytes as by values', () => {
  const t = new Telemetry();
  const constants = LITERALS.map((literal) => ({ literal, value: compileValue(literal, 'log').get(t) }));
  const cases = PATHS.flatMap((path) =>
    constants.flatMap(({ literal, value }) =>
      OPERATORS.map((operator) => ({
        path: compileValue(path, 'log').get,
        value,
        operator,
        text: `${path} ${operator} ${literal}`,
        condition: compileCondition(`${path} ${operator} ${literal}`, 'log'),
        mirrored: compileCondition(`${literal} ${operator} ${path}`, 'log'),
      })),
    ),
  );
  fc.assert(
    fc.property(record, (bytes) => {
      t.space.reset(bytes);
      t.log.set(0, bytes.length);
      for (const { path, value, operator, text, condition, mirrored } of cases) {
        const found = path(t);
        assert.equal(condition(t), compare(found, operator, value), text);
        assert.equal(mirrored(t), compare(value, operator, found), `mirrored ${text}`);
      }
    }),
    { numRuns: 1500 },
  );
});
