import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate } from '#config/eval/evaluate.ts';
import { library, libraryConstants, libraryFunctions } from '#config/eval/library/library.ts';
import { printValue } from '#config/eval/print.ts';
import { layered, resolve, scopeOf } from '#config/eval/scope.ts';
import { isFunction, secretOf, type FunctionValue, type Value } from '#config/eval/value.ts';
import { parseExpression } from '#config/syntax/parse.ts';
import { sheet, SHEET_SKIP } from '#test/support/sheet.ts';

const environment = {
  variable: (name: string) => (name === 'HOME' ? '/root' : undefined),
  hostname: 'h',
  os: 'linux',
  arch: 'amd64',
  version: 'v1',
};
const scope = layered(scopeOf(new Map<string, Value>([['s', secretOf('hunter2')]])), library(environment, true));

function shown(text: string, within = scope): string {
  const { source, expr, diagnostics } = parseExpression('e', text);
  assert.deepEqual(diagnostics, [], text);
  const { value, diagnostics: found } = evaluate(source, expr, within);
  return value === undefined ? found.map((d) => `${d.span.col}: ${d.message}`).join('; ') : printValue(value);
}

const TABLES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'array.concat': [
    ['array.concat()', '[]'],
    ['concat([1, 2], [], [true, null])', '[1, 2, true, null]'],
    ['array.concat([[1]], [[2]])', '[[1], [2]]'],
    ['array.concat([1], 2)', '19: 2 should be array, got number'],
  ],
  'array.combine_maps': [
    ['array.combine_maps([{a=1, b=2}, {a=3}], [{a=1, c=4}], ["a"])', '[{ a = 1, b = 2, c = 4 }]'],
    ['array.combine_maps([{a=1, b=2}, {a=3}], [{a=1, c=4}], ["a"], true)', '[{ a = 1, b = 2, c = 4 }, { a = 3 }]'],
    ['array.combine_maps([{a=1, b=2}], [{b=3, a=1}], ["a"])', '[{ a = 1, b = 3 }]'],
    ['array.combine_maps([{a="1"}], [{a=1}], ["a"])', '[]'],
    ['array.combine_maps([{}], [{}], [])', '32: [] must name at least one key'],
    ['array.combine_maps([1], [{}], ["a"])', '20: [1] should be a list of objects, got number at index 0'],
    ['array.combine_maps([{}], [{}])', '1: array.combine_maps expected 3 or 4 args, got 2'],
  ],
  'array.group_by': [
    [
      'array.group_by([{k="a", n=1}, {k="b"}, {k="a", n=2}, {n=3}], "k", true)',
      '[{ k = "a", items = [{ k = "a", n = 1 }, { k = "a", n = 2 }] }, { k = "b", items = [{ k = "b" }] }]',
    ],
    ['array.group_by([{n=3}], "k", false)', '[{ k = "", items = [{ n = 3 }] }]'],
  ],
  coalesce: [
    ['coalesce()', 'null'],
    ['coalesce("", 0, false, [], {}, null, "x", "y")', '"x"'],
    ['coalesce("", 0)', '0'],
    ['coalesce(s, "x")', '(secret)'],
  ],
  encoding: [
    ['encoding.from_base64("aGVs\nbG8=")'.replace('\n', '\\n'), '"hello"'],
    ['base64_decode("a")', '15: "a" is not valid Base64'],
    ['encoding.from_base64("_-__")', '22: "_-__" is not valid Base64'],
    ['encoding.from_URLbase64("Pz8_")', '"???"'],
    ['encoding.to_base64("???>")', '"Pz8/Pg=="'],
    ['encoding.to_URLbase64("???>")', '"Pz8_Pg=="'],
    ['encoding.url_encode("a b&c=ä/~*\'")', '"a+b%26c%3D%C3%A4%2F~%2A%27"'],
    ['encoding.url_decode("a+b%26c%C3%A4")', '"a b&cä"'],
    ['encoding.url_decode("50%")', '21: "50%" has an invalid URL escape at character 3'],
    ['encoding.from_json("{\\"a\\": [1, 1.5, null, true]}")', '{ a = [1, 1.5, null, true] }'],
    ['json_decode("{\\"a\\" 1}")', '13: "{\\"a\\" 1}" is not valid JSON (at character 6)'],
    ['encoding.from_yaml("a: [1, yes, 0x10]\\nb: {c: ~}")', '{ a = [1, "yes", 16], b = { c = null } }'],
    ['encoding.to_json({b = [1, 1.5, "<"], a = null})', '"{\\"a\\":null,\\"b\\":[1,1.5,\\"\\\\u003c\\"]}"'],
    ['encoding.to_json([s])', '18: [s] cannot be written as JSON: it holds a secret'],
    ['json_path("{\\"a\\": [1, {\\"b\\": 2}]}", "$.a[*].b")', '[2]'],
    ['json_path("{}", "$.a")', '[]'],
    ['json_path("{", "$")', '11: "{" is not valid JSON (at character 2)'],
  ],
  'file.path_join': [
    ['file.path_join("/a", "b", "../c/", "")', '"/a/c"'],
    ['file.path_join()', '""'],
    ['file.path_join("a", "..")', '"."'],
  ],
  string: [
    ['join(["a", 1], "-")', '"a-1"'],
    ['join(["a", [1]], "-")', '6: ["a", [1]] should be list(string), got array at index 1'],
    ['string.replace("a-b-c", "-", "$&")', '"a$&b$&c"'],
    ['replace("ab", "", "-")', '"-a-b-"'],
    ['string.split("a,b,", ",")', '["a", "b", ""]'],
    ['split("äb", "")', '["ä", "b"]'],
    ['string.trim("--a-b-", "-")', '"a-b"'],
    ['trim_prefix("aab", "a") + trim_suffix("baa", "a")', '"abba"'],
    ['trim_space("\\t a b \\n")', '"a b"'],
    ['to_upper("aß") + to_lower("AÄ")', '"ASSaä"'],
    ['string.to_lower(s)', '17: s should be string, got a secret: convert.nonsensitive makes one of it'],
  ],
  'string.format': [
    ['format("%s:%d %%", "h", 4317)', '"h:4317 %"'],
    ['format("%v %v %v %v", [1, "a"], {b = 1, a = true}, null, 1.5)', '"[1 a] map[a:true b:1] <nil> 1.5"'],
    [
      'format("%5d|%-5d|%05d|%+d|%x|%X|%o|%b|%c|%q", 42, 42, -42, 42, 255, 255, 8, 5, 65, 65)',
      '"   42|42   |-0042|+42|ff|FF|10|101|A|\'A\'"',
    ],
    [
      'format("%.2f %8.3f %e %g %g", 3.14159, 2.5, 12345.678, 1e21, 0.00001)',
      '"3.14    2.500 1.234568e+04 1e+21 1e-05"',
    ],
    ['format("%q %5s|%-5s|%.2s %x", "a\\"b", "ab", "ab", "abcd", "hi")', '"\\"a\\\\\\"b\\"    ab|ab   |ab 6869"'],
    ['format("%t %d", true, "hi")', '"true %!d(string=hi)"'],
    ['format("%d")', '"%!d(MISSING)"'],
    ['format("%d", 1, "x")', '"1%!(EXTRA string=x)"'],
    ['format("100%")', '"100%!(NOVERB)"'],
    ['format("%[2]d %[1]d", 1, 2)', '"2 1"'],
    ['format("%*d", 5, 42)', '"   42"'],
    ['format("%s", s)', '14: s is a secret, which may not become part of a text'],
  ],
  convert: [
    ['convert.nonsensitive(s)', '"hunter2"'],
    ['nonsensitive("x")', '"x"'],
    ['s + "x"', '"x" should be'],
  ],
};

for (const [name, table] of Object.entries(TABLES)) {
  test(name, () => {
    for (const [text, expected] of table) {
      if (text === 's + "x"') assert.ok(!shown(text).includes('hunter2'));
      else assert.equal(shown(text), expected, text);
    }
  });
}

const shape = ({ functionName, parameters, optional, rest }: FunctionValue): unknown => [
  functionName,
  parameters,
  optional,
  rest,
];

describe('all of them', () => {
  test('the examples of the reference can be evaluated', () => {
    for (const { example, functionName } of libraryFunctions(environment)) {
      if (functionName === 'convert.nonsensitive') continue;
      assert.doesNotMatch(shown(example), /^\d+: /, example);
    }
  });

  test('experimental ones are withheld by default', () => {
    assert.match(shown('array.group_by([], "a", true)', library(environment)), /stability level "experimental"/);
  });

  test('results are bounded', () => {
    const text = `format("%1000000d", ${Array.from({ length: 20 }, (_, i) => i).join(', ')})`;
    assert.match(shown(text), /EXTRA|longer/);
    assert.match(shown(`format("${'%1000000d'.repeat(20)}", ${'1, '.repeat(19)}1)`), /longer than/);
    assert.match(
      shown(`from_all(${1})`.replace('from_all(1)', `encoding.from_json("${'['.repeat(2000)}")`)),
      /levels deep/,
    );
    const bomb =
      'a: &a [x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\\nd: [*c,*c,*c,*c,*c]';
    assert.match(shown(`encoding.from_yaml("${bomb}")`), /not valid YAML/);
  });

  test('agree with the sheet: every entry and alias, nothing else', { skip: SHEET_SKIP }, () => {
    assert.ok(sheet !== null);
    const ours = new Map(libraryFunctions(environment).map((f) => [f.functionName, f]));
    const constants = new Set(libraryConstants(environment).map(([name]) => name));
    for (const { name, kind, aliases = [], stability } of sheet.stdlib) {
      if (kind === 'constant') {
        assert.ok(constants.has(name), name);
        continue;
      }
      const made = ours.get(name);
      assert.ok(made !== undefined, name);
      assert.equal(made.experimental === true, stability === 'experimental', name);
      assert.deepEqual(made.alias === undefined ? [] : [made.alias], aliases, name);
      for (const alias of aliases) {
        const value = resolve(scope, alias.split('.'));
        assert.ok(value !== undefined && isFunction(value));
        assert.deepEqual(shape(value), shape({ ...made, functionName: alias }), alias);
      }
    }
    assert.equal(ours.size + constants.size, sheet.stdlib.length);
  });
});
