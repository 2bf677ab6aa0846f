import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate } from '#config/eval/evaluate.ts';
import { library, libraryConstants, libraryFunctions } from '#config/eval/library/library.ts';
import { printValue } from '#config/eval/print.ts';
import { layered, resolve, scopeOf } from '#config/eval/scope.ts';
import { isFunction, secretOf, type Value } from '#config/eval/value.ts';
import { parseExpression } from '#config/syntax/parse.ts';
import { sheet, SHEET_SKIP } from '#test/support/sheet.ts';

const environment = {
  variable: (name: string) => (name === 'HOME' ? '/root' : undefined),
  hostname: 'h',
  os: 'linux',
  arch: 'amd64',
  version: 'v1',
};
const scope = layered(
  scopeOf(
    new Map<string, Value>([
      ['s', secretOf('hunter2')],
      ['convert_empty', secretOf('')],
    ]),
  ),
  library(environment, 'experimental'),
);

function shown(text: string, within = scope): string {
  const { source, expr, diagnostics } = parseExpression('e', text);
  assert.deepEqual(diagnostics, [], text);
  const { value, diagnostics: found } = evaluate(source, expr, within);
  return value === undefined ? found.map((d) => `${d.span.col}: ${d.message}`).join('; ') : printValue(value);
}

const TABLES: Readonly<Record<string, readonly (readonly [string, string | RegExp])[]>> = {
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
    ['array.combine_maps([{}, 1], [{}], ["a"])', '25: 1 should be object, got number'],
    ['array.combine_maps([], null, ["a"])', '24: null should be array, got null'],
    ['array.combine_maps([{a=s, b=1}], [{a=s, c=2}], ["a"])', '[{ a = (secret), b = 1, c = 2 }]'],
    ['array.combine_maps([{a=1}], [{a=1.0, b=2}], ["a"])', '[{ a = 1, b = 2 }]'],
    ['array.combine_maps([{a=[1]}], [{a=[1], b=2}, {a=[2]}], ["a"])', '[{ a = [1], b = 2 }]'],
    ['array.combine_maps([{}], [{}])', '1: array.combine_maps expected 3 or 4 args, got 2'],
  ],
  'array.group_by': [
    [
      'array.group_by([{k="a", n=1}, {k="b"}, {k="a", n=2}, {n=3}], "k", true)',
      '[{ k = "a", items = [{ k = "a", n = 1 }, { k = "a", n = 2 }] }, { k = "b", items = [{ k = "b" }] }]',
    ],
    ['array.group_by([{n=3}], "k", false)', '[{ k = "", items = [{ n = 3 }] }]'],
    ['array.group_by([{}, {k=1}], "k", false)', '24: 1 should be string, got number'],
    ['array.group_by([{k=s}], "k", false)', '20: s should be string, got capsule'],
    ['array.group_by([], "k", "x")', '25: "x" should be bool, got string'],
  ],
  coalesce: [
    ['coalesce()', 'null'],
    ['coalesce("", 0, false, [], {}, null, "x", "y")', '"x"'],
    ['coalesce("", 0)', '0'],
    ['coalesce(s, "x")', '(secret)'],
    ['coalesce(convert_empty, "x")', '"x"'],
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
    ['json_decode("{\\"a\\" 1}")', '13: "{\\"a\\" 1}" is not valid JSON: line 1, column 6'],
    ['encoding.from_yaml("a: [1, yes, 0x10]\\nb: {c: ~}")', '{ a = [1, "yes", 16], b = { c = null } }'],
    ['encoding.to_json({b = [1, 1.5, "<"], a = null})', '"{\\"a\\":null,\\"b\\":[1,1.5,\\"\\\\u003c\\"]}"'],
    ['encoding.to_json([1])', '18: [1] should be object, got array'],
    [
      'encoding.to_json({a = [1, s]})',
      '27: s is a secret, which may not become part of a text: convert.nonsensitive makes one of it',
    ],
    ['encoding.to_json({a = sys.env})', '23: sys.env cannot be written as JSON: it is a function'],
    [
      'encoding.to_json({"\uffee" = 1, "\u{1f600}" = 2, b = 1e21, c = 1e-7})',
      '"{\\"b\\":1e+21,\\"c\\":1e-7,\\"\uffee\\":1,\\"\u{1f600}\\":2}"',
    ],
    [
      'encoding.from_json("[9007199254740993, 18446744073709551616, 1.0, 1e2, -0]")',
      '[9007199254740993, 18446744073709552000, 1, 100, -0]',
    ],
    ['encoding.from_json("1e999")', '20: "1e999" holds a number that is out of range'],
    ['encoding.from_json("")', '20: "" is not valid JSON: it is empty'],
    ['encoding.from_json("{\\"__proto__\\": 1, \\"a\\": 1, \\"a\\": 2}")', '{ __proto__ = 1, a = 2 }'],
    ['json_path("{\\"a\\": [1, {\\"b\\": 2}]}", "$.a[*].b")', '[2]'],
    ['json_path("{}", "$.a")', '[]'],
    ['json_path("{\\"key\\": 9007199254740993}", ".key")', '[9007199254740993]'],
    ['json_path("[{\\"n\\": \\"a\\", \\"v\\": 1}, {\\"n\\": \\"b\\"}]", "[?(@.n == \\"a\\")].v")', '[1]'],
    ['json_path("[5]", "[0]")[0]', '5'],
    ['json_path("{}", "$[?match(@.a, \'x\')]")', /no such function/],
    ['json_path("{", "$")', '11: "{" is not valid JSON: line 1, column 2'],
  ],
  'file.path_join': [
    ['file.path_join("/a", "b", "../c/", "")', '"/a/c"'],
    ['file.path_join()', '""'],
    ['file.path_join("a", "..")', '"."'],
  ],
  string: [
    ['join(["a", 1], "-")', '"a-1"'],
    ['join(["a", [1]], "-")', '12: [1] should be string, got array'],
    ['join(encoding.from_json("[[]]"), "-")', '6: encoding.from_json("[[]]")[0] should be string, got array'],
    ['join(null, "-")', '""'],
    ['string.replace("a-b-c", "-", "$&")', '"a$&b$&c"'],
    ['replace("ab", "", "-")', '"-a-b-"'],
    ['string.split("a,b,", ",")', '["a", "b", ""]'],
    ['split("äb", "")', '["ä", "b"]'],
    ['string.trim("--a-b-", "-")', '"a-b"'],
    ['trim_prefix("aab", "a") + trim_suffix("baa", "a")', '"abba"'],
    ['trim_space("\\t a b \\n")', '"a b"'],
    ['to_upper("aßé\u1f80") + to_lower("AÄİΣ")', '"AßÉ\u1f88aäiσ"'],
    [
      'string.to_lower(s)',
      '17: s should be string, got a secret, which may not become one: convert.nonsensitive makes one of it',
    ],
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
    [
      'format("%s", [s])',
      '15: s is a secret, which may not become part of a text: convert.nonsensitive makes one of it',
    ],
  ],
  convert: [
    ['convert.nonsensitive(s)', '"hunter2"'],
    ['nonsensitive("x")', '"x"'],
    ['nonsensitive(null)', '""'],
    ['nonsensitive(1)', '14: 1 should be capsule, got number'],
    ['s + "x"', '(secret)'],
  ],
};

for (const [name, table] of Object.entries(TABLES)) {
  test(name, () => {
    for (const [text, expected] of table) {
      if (typeof expected === 'string') assert.equal(shown(text), expected, text);
      else assert.match(shown(text), expected, text);
    }
  });
}

describe('all of them', () => {
  test('the examples of the reference can be evaluated', () => {
    for (const { example, functionName } of libraryFunctions(environment)) {
      if (functionName === 'convert.nonsensitive') continue;
      assert.doesNotMatch(shown(example), /^\d+: /, example);
    }
  });

  test('experimental ones are withheld by default', () => {
    const { source, expr } = parseExpression('e', 'array.group_by([], "a", true)');
    for (const stability of ['generally-available', 'public-preview'] as const) {
      const [told] = evaluate(source, expr, library(environment, stability)).diagnostics;
      assert.deepEqual([told.code, told.span.col, told.span.endCol], ['stability', 1, 15]);
      assert.equal(
        told.message,
        `function "array.group_by" is at stability level "experimental", which is below the minimum allowed level "${stability}"`,
      );
      assert.equal(told.help, 'run with --stability.level=experimental to allow it');
    }
  });

  test('every parameter has a name of its own', () => {
    for (const { functionName, parameters, optional, rest, summary } of libraryFunctions(environment)) {
      const names = [...parameters, optional, rest].flatMap((p) => (p === undefined ? [] : [p.name]));
      assert.ok(names.length > 0 && new Set(names).size === names.length, functionName);
      assert.match(summary, /^[A-Z].*\.$/, functionName);
    }
  });

  test('results are bounded', () => {
    const text = `format("%1000000d", ${Array.from({ length: 20 }, (_, i) => i).join(', ')})`;
    assert.match(shown(text), /EXTRA|longer/);
    assert.match(shown(`format("${'%1000000d'.repeat(20)}", ${'1, '.repeat(19)}1)`), /longer than/);
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
      const value = resolve(scope, name.split('.'));
      assert.ok(value !== undefined && isFunction(value));
      for (const alias of aliases) assert.equal(resolve(scope, alias.split('.')), value, alias);
    }
    assert.equal(ours.size + constants.size, sheet.stdlib.length);
  });
});
