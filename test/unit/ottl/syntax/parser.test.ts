/** The grammar: trees of what is right, places of what is wrong. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OttlError } from '#ottl/error.ts';
import type { Expr } from '#ottl/syntax/ast.ts';
import { MAX_DEPTH, MAX_LENGTH, parseCondition, parseStatement, parseValue } from '#ottl/syntax/parser.ts';

/** A tree as text with all its brackets. */
function shown(expr: Expr): string {
  switch (expr.kind) {
    case 'nil':
      return 'nil';
    case 'literal':
      return expr.value instanceof Uint8Array
        ? `0x${Buffer.from(expr.value).toString('hex')}`
        : typeof expr.value === 'number'
          ? `${expr.value}f`
          : JSON.stringify(typeof expr.value === 'bigint' ? Number(expr.value) : expr.value);
    case 'name':
      return expr.name;
    case 'path':
      return expr.fields.map(({ name, keys }) => name + keys.map((key) => `[${shown(key)}]`).join('')).join('.');
    case 'call': {
      const args = expr.args.map(({ name, value }) => (name === '' ? '' : `${name}=`) + shown(value));
      return `${expr.name}(${args.join(',')})${expr.keys.map((key) => `[${shown(key)}]`).join('')}`;
    }
    case 'list':
      return `[${expr.items.map(shown).join(',')}]`;
    case 'map':
      return `{${expr.items.map(({ key, value }) => `${key}:${shown(value)}`).join(',')}}`;
    case 'math':
      return `(${shown(expr.first)}${expr.rest.map(({ operator, value }) => operator + shown(value)).join('')})`;
    case 'negate':
      return `-${shown(expr.value)}`;
    case 'compare':
      return `(${shown(expr.left)} ${expr.operator} ${shown(expr.right)})`;
    case 'logic':
      return `(${expr.terms.map(shown).join(` ${expr.operator} `)})`;
    case 'not':
      return `!${shown(expr.value)}`;
    case 'group':
      return shown(expr.inner);
  }
}

describe('conditions', () => {
  const table: Readonly<Record<string, string>> = {
    'name == "a"': '(name == "a")',
    'name=="a"and kind!=3': '((name == "a") and (kind != 3))',
    'a == 1 or b == 2 and c == 3': '((a == 1) or ((b == 2) and (c == 3)))',
    '(a == 1 or b == 2) and c == 3': '(((a == 1) or (b == 2)) and (c == 3))',
    'not name == "foo"': '!(name == "foo")',
    'not (IsMatch(name, "http_.*") and kind > 0)': '!(IsMatch(name,"http_.*") and (kind > 0))',
    'not true or false': '(!true or false)',
    'IsRootSpan()': 'IsRootSpan()',
    'attributes["a"]["b"][0] != nil': '(attributes["a"]["b"][0] != nil)',
    'attributes[Concat(["a", name], ".")] == 1': '(attributes[Concat(["a",name],".")] == 1)',
    'resource.attributes["x"] == SPAN_KIND_SERVER': '(resource.attributes["x"] == SPAN_KIND_SERVER)',
    '1 + 2 * 3 > (4 - 5) / 6': '((1+(2*3)) > ((4-5)/6))',
    '(1 + 2) * 3 == 9': '(((1+2)*3) == 9)',
    '((a)) == ((1))': '(a == 1)',
    'a -1 == -1': '((a-1) == -1)',
    '-a == - 1.5': '(-a == -1.5f)',
    'a == 0x00Ff': '(a == 0x00ff)',
    'a == .5': '(a == 0.5f)',
    'a == 1.5e3': '(a == 1500f)',
    'Split(body, ",")[1] == "x"': '(Split(body,",")[1] == "x")',
    'Substring(name, 0, length=3, utf8_safe=true) == ""': '(Substring(name,0,length=3,utf8_safe=true) == "")',
    'a == [1, "x", [nil]] ': '(a == [1,"x",[nil]])',
    'a == {"k": {"l": 1}, "m": [],}': '(a == {k:{l:1},m:[]})',
    'a\n  ==\n\t1': '(a == 1)',
    'nilly == trueish': '(nilly == trueish)',
  };
  for (const [text, tree] of Object.entries(table)) test(text, () => assert.equal(shown(parseCondition(text)), tree));
});

test('strings have the escapes of Go', () => {
  assert.equal(
    shown(parseValue('"a\\n\\t\\\\\\"\\x41\\101\\u00e4\\U0001F600\\xc3\\xa4"')),
    JSON.stringify('a\n\t\\"AA\u00e4\u{1F600}\u00e4'),
  );
});

test('integers are exact to the end of an int64', () => {
  const value = (text: string): unknown => (parseValue(text) as { readonly value: unknown }).value;
  assert.equal(value('9223372036854775807'), 9223372036854775807n);
  assert.equal(value('-9223372036854775808'), -9223372036854775808n);
  assert.equal(value('+7'), 7n);
});

test('statements', () => {
  const { editor, where } = parseStatement('set(attributes["a"], Concat([name], "")) where kind == 1');
  assert.equal(shown(editor), 'set(attributes["a"],Concat([name],""))');
  assert.equal(where === null ? '' : shown(where), '(kind == 1)');
  assert.equal(parseStatement('keep_keys(attributes, ["a"])').where, null);
  assert.equal(
    shown(parseStatement('replace_pattern(name, "a", "b", SHA256)').editor),
    'replace_pattern(name,"a","b",SHA256)',
  );
});

describe('mistakes', () => {
  /** Text with its wrong part between ‹ ›, and what is said. */
  const table: readonly (readonly [string, RegExp])[] = [
    ['name ‹=› "x"', /unexpected `=`/],
    ['name == ‹›', /expected a value, but the text ends/],
    ['‹›', /expected a value/],
    ['‹name›', /a condition is a comparison/],
    ['a == 1 ‹AND› b == 2', /unexpected `AND`/],
    ['a == ‹"open›', /closing quote/],
    ["a == ‹'›x'", /unexpected `'`/],
    ['a ‹&›& b', /unexpected `&`/],
    ['(a == 1‹›', /`\)` is missing/],
    ['a == 1‹)›', /unexpected `\)`/],
    ['a == "‹\\d›"', /escape `\\d` does not exist/],
    ['a == ‹9223372036854775808›', /int64/],
    ['a == ‹0x123›', /even number/],
    ['a == 1 ‹==› 2', /cannot be chained/],
    ['‹(a == 1)› == 2', /condition cannot stand/],
    ['‹"a"› + 1 == 2', /arithmetic takes/],
    ['a == 1 and ‹b›', /a condition is/],
    ['not ‹not› a == 1', /not cannot follow not/],
    ['a.‹Big› == 1', /is no field/],
    ['a‹.1› == 1', /unexpected `.1`/],
    ['a.‹"b"› == 1', /expected the name of a field/],
    ['a[‹]› == 1', /expected a value/],
    ['f(a=1, ‹2›) == 1', /come before/],
    ['a == {‹1›: 2}', /key in quotes/],
    ['‹and› == 1', /expected a value/],
    ['a == b ‹c›', /unexpected `c`/],
    ['a == "x‹\n›"', /line break/],
    ['a == ‹\u{1F600}›', /unexpected/],
  ];
  for (const [marked, message] of table) {
    test(marked, () => {
      const start = marked.indexOf('‹');
      const end = marked.indexOf('›') - 1;
      const text = marked.replace(/[‹›]/g, '');
      assert.throws(
        () => parseCondition(text),
        (error) => {
          assert.ok(error instanceof OttlError);
          assert.match(error.message, message);
          assert.deepEqual([error.start, error.end, error.text], [start, end, text]);
          return true;
        },
      );
    });
  }

  test('a single = is told from ==, also where a condition follows another', () => {
    for (const text of ['a = 1', 'b == 1 and a = 1', 'not a = 1'])
      assert.throws(
        () => parseCondition(text),
        (error) => error instanceof OttlError && error.help === 'write == to compare',
        text,
      );
  });

  test('editors and converters are told apart by their first letter', () => {
    assert.throws(() => parseStatement('Set(a, 1)'), /begin in lower case/);
    assert.throws(() => parseStatement('a == 1'), /begins with an editor/);
    assert.throws(() => parseStatement('set(a, 1)["x"]'), /cannot be indexed/);
  });

  test('a message shows the place', () => {
    const error = new OttlError('unexpected `=`', 'name = "x"', 5, 6);
    assert.equal(error.located, 'unexpected `=` at offset 5, after `name `');
  });
});

describe('bounds', () => {
  const nested = (open: string, close: string, n: number): string => `a == ${open.repeat(n)}1${close.repeat(n)}`;
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
    ['F(', ')'],
    ['a[', ']'],
    ['{"a":', '}'],
  ]) {
    test(`${open}: so deep, and no deeper`, () => {
      parseCondition(nested(open, close, MAX_DEPTH));
      assert.throws(() => parseCondition(nested(open, close, MAX_DEPTH + 1)), OttlError);
      assert.throws(() => parseCondition(nested(open, '', 20_000)), OttlError);
    });
  }

  test('chains may be long, for they are flat', () => {
    parseCondition(Array.from({ length: 5000 }, () => 'a == 1').join(' and '));
    parseValue(Array.from({ length: 10_000 }, () => '1').join(' + '));
    assert.throws(() => parseValue(`a${' + 1'.repeat(MAX_LENGTH)}`), /more than/);
    assert.throws(() => parseValue('- '.repeat(20_000)), OttlError);
  });
});
