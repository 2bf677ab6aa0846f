import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldValue } from '#config/convert/field-value.ts';
import { labelOf, parseId } from '#config/convert/ids.ts';
import { Problems } from '#config/convert/problems.ts';
import { readYaml } from '#config/convert/read-yaml.ts';
import { exprText } from '#config/convert/write-text.ts';
import { at } from '#config/diag/diagnostic.ts';
import { unquote } from '#config/eval/literal.ts';
import {
  any,
  bool,
  duration,
  int,
  list,
  map,
  number,
  oneOf,
  secret,
  size,
  string,
  type Type,
} from '#config/schema/types.ts';
import { goQuote } from '#config/syntax/go-quote.ts';
import { Source } from '#config/syntax/source.ts';

function value(type: Type<unknown>, yaml: string, unit?: number): string {
  const problems = new Problems(new Source('a', yaml));
  const expr = fieldValue(type, readYaml(yaml, 0, problems)!, { path: 'p', problems, unit });
  const told = problems.diagnostics.map(
    (d) => `${at(d.span)} ${d.message}${d.help === undefined ? '' : ` (${d.help})`}`,
  );
  return [...(expr === undefined ? [] : [exprText(expr).replaceAll('\n', '')]), ...told].join(' | ');
}

const UNWRITABLE =
  'which cannot be written in Alloy syntax (a key may hold neither NUL nor carriage returns, and no backtick beside quotes, backslashes or line ends)';

describe('values as strict as the Collector’s', () => {
  const cases: readonly (readonly [type: Type<unknown>, yaml: string, expected: string])[] = [
    [string, 'a', '"a"'],
    [string, '"1"', '"1"'],
    [string, 'yes', '"yes"'],
    [string, '1', `a:1:1 'p' expected type 'string', got unconvertible type 'int'`],
    [string, '{}', `a:1:1 'p' expected type 'string', got unconvertible type 'map[string]interface {}'`],
    [bool, 'True', 'true'],
    [bool, 'on', `a:1:1 'p' expected type 'bool', got unconvertible type 'string' (write true, without quotes)`],
    [bool, '1', `a:1:1 'p' expected type 'bool', got unconvertible type 'int'`],
    [int, '-5', '-5'],
    [int, '0x10', '16'],
    [int, '1.5', `a:1:1 'p' should be a whole number, got 1.5`],
    [int, '"5"', `a:1:1 'p' expected type 'number', got unconvertible type 'string'`],
    [number, '0.25', '0.25'],
    [number, '3', '3'],
    [duration, '90s', '"1m30s"'],
    [duration, '0', '"0s"'],
    [duration, '5', '"5ns" | a:1:1 p: the number 5 without a unit means nanoseconds (write a unit, for example 5s)'],
    [
      duration,
      '5 s',
      `a:1:1 'p' is not a valid duration: unknown unit " s" (write a number with a unit (ns, us, ms, s, m, h), for example "1m30s")`,
    ],
    [duration, 'true', `a:1:1 'p' expected type 'time.Duration', got unconvertible type 'bool'`],
    [size, '10MiB', '"10MiB"'],
    [size, '1536', '"1KiB512B"'],
    [secret, 'hush', '"hush"'],
    [oneOf('a', 'b'), 'c', `a:1:1 'p' should be one of "a", "b" (did you mean "a"?)`],
    [list(string), '[a, b]', '["a", "b"]'],
    [list(string), 'a,b', '["a", "b"]'],
    [list(string), '""', '[]'],
    [list(string), '[a, 1]', `a:1:5 'p[1]' expected type 'string', got unconvertible type 'int'`],
    [list(oneOf('a')), '[a, x]', `a:1:5 'p[1]' should be one of "a" (did you mean "a"?)`],
    [list(string), '1', `a:1:1 'p' expected type 'list', got unconvertible type 'int'`],
    [map(string), '{ z: a, "b c": "2" }', '{"b c" = "2",z = "a",}'],
    [map(string), '[{ name: z, value: a }]', '{z = "a",}'],
    [map(string), '[{ name: z }]', `a:1:1 'p' expected type 'map', got unconvertible type '[]interface {}'`],
    [map(string), '{ a: 1 }', `a:1:6 'p::a' expected type 'string', got unconvertible type 'int'`],
    [any, '[1, { a: x }]', '[1, {a = "x",}]'],
    [map(string), String.raw`{ \a: b, 'x"y': c, "true": d }`, '{`\\a` = "b","true" = "d",`x"y` = "c",}'],
    [map(string), '{ z: ok, "`\\"": b }', `a:1:10 'p' has the key "\`\\"", ${UNWRITABLE}`],
    [any, '[{ "a\\0": b }]', `a:1:4 'p' has the key "a\\u0000", ${UNWRITABLE}`],
  ];
  for (const [type, yaml, expected] of cases)
    test(`${type.name}: ${yaml}`, () => assert.equal(value(type, yaml), expected));

  test('sizes that are bare numbers', () => {
    assert.equal(value(size, '4', 1 << 20), '"4MiB"');
    assert.equal(value(size, '4MiB', 1 << 20), `a:1:1 'p' expected type 'number', got unconvertible type 'string'`);
  });
});

test('strings are quoted as Go does, and read back', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a"\\é日🙂', '"a\\"\\\\é日🙂"'],
    ['\u0000\u0007\b\f\n\r\t\v\u001b\u007f', '"\\x00\\a\\b\\f\\n\\r\\t\\v\\x1b\\x7f"'],
    ['\u00a0\u200b\ufeff\u{e0001}', '"\\u00a0\\u200b\\ufeff\\U000e0001"'],
  ];
  for (const [text, quoted] of cases) {
    assert.equal(goQuote(text, false, false), quoted);
    assert.equal(unquote(quoted), text);
  }
  assert.equal(goQuote('\ud800', false, false), '"\ufffd"');
});

test('ids and labels', () => {
  const at0 = { start: 0, end: 0 };
  assert.deepEqual(parseId(' otlp / a/b ', at0), { type: 'otlp', name: 'a/b', text: 'otlp/a/b', at: at0 });
  for (const wrong of ['', '/a', 'otlp/', '1x', 'a-b', `a/${'x'.repeat(1025)}`])
    assert.ok('problem' in parseId(wrong, at0), wrong);
  assert.deepEqual(
    [labelOf('', ''), labelOf('2', ''), labelOf('', 'a.b-c'), labelOf('x/y', 'é'), labelOf('٣', '')],
    ['default', '_2_default', 'default_a_b_c', 'x_y_é', '_٣_default'],
  );
});
