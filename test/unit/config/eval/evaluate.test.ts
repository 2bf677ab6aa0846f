import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '#config/eval/evaluate.ts';
import { library, type Environment } from '#config/eval/library/library.ts';
import { Names } from '#config/eval/names.ts';
import { layered, scopeOf } from '#config/eval/scope.ts';
import { secretOf, type Value } from '#config/eval/value.ts';
import { parseExpression } from '#config/syntax/parse.ts';

const environment: Environment = {
  variable: (name) => (name === 'HOME' ? '/root' : undefined),
  hostname: 'gateway-1',
  os: 'linux',
  arch: 'amd64',
  version: 'v0.1.0',
};
const input = { capsule: 'otelcol.Consumer', nodeId: 'otelcol.processor.batch.default' };
const scope = layered(
  new Names([
    ['otelcol.processor.batch.default.input', input],
    ['otelcol.exporter.otlp.tempo', new Map<string, Value>([['input', input]])],
    ['list', [1n, 2n, 3n]],
    [
      'object',
      new Map<string, Value>([
        ['a', 1n],
        ['b c', 'x'],
      ]),
    ],
    ['password', secretOf('hunter2')],
    ['big', 2n ** 64n - 1n],
    ['nothing', null],
  ]),
  library(environment),
);

function value(text: string): Value | undefined {
  const { source, expr, diagnostics } = parseExpression('t', text);
  assert.deepEqual(diagnostics, [], text);
  const evaluated = evaluate(source, expr, scope);
  assert.deepEqual(
    evaluated.diagnostics.map((d) => d.message),
    [],
    text,
  );
  return evaluated.value;
}

function errors(text: string): string[] {
  const { source, expr, diagnostics } = parseExpression('t', text);
  assert.deepEqual(diagnostics, [], text);
  const evaluated = evaluate(source, expr, scope);
  assert.equal(evaluated.value, undefined);
  return evaluated.diagnostics.map((d) => `${d.span.col}-${d.span.endCol} ${d.message}`);
}

const table = (rows: readonly (readonly [string, Value])[]): void => {
  for (const [text, expected] of rows) assert.deepEqual(value(text), expected, text);
};

test('literals', () => {
  table([
    ['null', null],
    ['true', true],
    ['false', false],
    ['42', 42n],
    ['0', 0n],
    ['017', 15n],
    ['089', 89],
    ['9223372036854775808', 2n ** 63n],
    ['18446744073709551616', 2 ** 64],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1.', 1],
    ['1e3', 1000],
    ['2.5E-1', 0.25],
    ['"a\\n\\"\\\\\\t\\u00e9\\U0001F600\\x41\\101"', 'a\n"\\\té\u{1F600}AA'],
    ['"\\xe2\\x82\\xac"', '€'],
    ['`raw \\n`', 'raw \\n'],
    ['`a\r\nb`', 'a\nb'],
    ['""', ''],
  ]);
  assert.deepEqual(errors('1e999'), ['1-6 1e999 is not a valid literal: value out of range']);
});

test('arrays and objects', () => {
  table([
    ['[]', []],
    ['[1, "a", [true],]', [1n, 'a', [true]]],
    ['{}', new Map()],
    [
      '{ a = 1, "b-c" = { d = null } }',
      new Map<string, Value>([
        ['a', 1n],
        ['b-c', new Map([['d', null]])],
      ]),
    ],
    ['{ a = 1, a = 2 }', new Map([['a', 2n]])],
    [
      '{ "a\\n" = 1, "" = 2, __proto__ = 3 }',
      new Map([
        ['a\\n', 1n],
        ['', 2n],
        ['__proto__', 3n],
      ]),
    ],
    ['(1)', 1n],
  ]);
});

test('precedence and associativity', () => {
  table([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['10 - 4 - 3', 3n],
    ['2 ^ 3 ^ 2', 512n],
    ['-2 ^ 2', 4n],
    ['2 * 3 ^ 2', 18n],
    ['- - 3', 3n],
    ['!true || true', true],
    ['true || false && false', true],
    ['1 + 1 == 2 && 3 > 2', true],
    ['1 < 2 == true', true],
    ['!!true', true],
  ]);
});

test('numbers: integers stay integers, floats win, 64 bits wrap', () => {
  table([
    ['7 / 2', 3n],
    ['-7 / 2', -3n],
    ['7 % 3', 1n],
    ['-7 % 3', -1n],
    ['7 / 2.0', 3.5],
    ['5.5 % 2', 1.5],
    ['1 + 0.5', 1.5],
    ['9223372036854775807 + 1', -(2n ** 63n)],
    ['big + big', 2n ** 64n - 2n],
    ['2 ^ 64', 0n],
    ['2 ^ 0', 1n],
    ['3 ^ 1000000000000', BigInt.asIntN(64, pow3())],
    ['2 ^ -1', 0.5],
    ['1 == 1.0', true],
    ['big > 1', true],
    ['1 <= 1', true],
    ['2.5 >= 3', false],
  ]);
  assert.deepEqual(errors('1 / 0'), ['5-6 0 divide by zero error']);
  assert.deepEqual(errors('1 % 0.0'), ['5-8 0.0 divide by zero error']);
});

/** 3^(10^12) modulo 2^64, by another way than the evaluator's: 3^(10^12) = (((3^10)^10)...)^10. */
function pow3(): bigint {
  let result = 3n;
  for (let i = 0; i < 12; i++) result = BigInt.asUintN(64, result ** 10n);
  return result;
}

test('strings, equality', () => {
  table([
    ['"a" + "b"', 'ab'],
    ['"a" < "b"', true],
    ['"\\uffee" < "\\U0001F600"', true],
    ['"a" == "a"', true],
    ['"1" == 1', false],
    ['null == null', true],
    ['nothing == null', true],
    ['[1, 2] == [1, 2.0]', true],
    ['[1] == [1, 2]', false],
    ['{a = 1, b = 2} == {b = 2, a = 1}', true],
    ['{a = 1} != {a = 2}', true],
    ['otelcol.processor.batch.default.input == otelcol.exporter.otlp.tempo.input', true],
    ['sys.env == sys.env', false],
  ]);
});

test('secrets stay secrets', () => {
  table([
    ['password', secretOf('hunter2')],
    ['password + "!"', secretOf('hunter2!')],
    ['"Bearer " + password', secretOf('Bearer hunter2')],
    ['password == "hunter2"', true],
  ]);
  assert.deepEqual(errors('password + 1'), ['12-13 1 should be capsule, got number']);
  assert.deepEqual(errors('password < "a"'), [
    '1-9 password should be one of [number string] for binop <, got capsule',
  ]);
});

test('references, access, index', () => {
  table([
    ['otelcol.processor.batch.default.input', input],
    ['otelcol.exporter.otlp["tempo"].input', input],
    ['list[0]', 1n],
    ['list[1 + 1]', 3n],
    ['object.a', 1n],
    ['object["b c"]', 'x'],
    ['object["none"]', null],
    ['[[1, 2]][0][1]', 2n],
    ['{ a = { b = 1 } }.a.b', 1n],
  ]);
});

test('the standard library', () => {
  table([
    ['sys.env("HOME")', '/root'],
    ['env("HOME")', '/root'],
    ['sys.env("NOT_SET")', ''],
    ['sys.env("NOT_" + "SET") == ""', true],
    ['sys["env"]("HOME")', '/root'],
    ['constants.hostname', 'gateway-1'],
    ['constants.os', 'linux'],
    ['constants.arch', 'amd64'],
    ['constants.version', 'v0.1.0'],
  ]);
  assert.deepEqual(errors('sys.env()'), ['1-8 sys.env expected 1 args, got 0']);
  assert.deepEqual(errors('sys.env([])'), ['9-11 [] should be string, got array']);
  assert.deepEqual(errors('constants()'), ['1-10 constants should be function, got object']);
});

test('type errors blame the innermost expression', () => {
  assert.deepEqual(errors('1 + "a"'), ['5-8 "a" should be number, got string']);
  assert.deepEqual(errors('"a" - 1'), ['1-4 "a" should be one of [number] for binop -, got string']);
  assert.deepEqual(errors('true && 1'), ['9-10 1 should be one of [bool] for binop &&, got number']);
  assert.deepEqual(errors('[1] + [2]'), ['1-4 [1] should be one of [number string capsule] for binop +, got array']);
  assert.deepEqual(errors('otelcol.processor.batch.default.input + otelcol.exporter.otlp.tempo.input'), [
    '1-38 otelcol.processor.batch.default.input could not perform binop + for unknown types lhs capsule rhs capsule',
  ]);
  assert.deepEqual(errors('!1'), ['2-3 1 should be bool, got number']);
  assert.deepEqual(errors('-"a"'), ['2-5 "a" should be number, got string']);
  assert.deepEqual(errors('list["a"]'), ['6-9 "a" should be number, got string']);
  assert.deepEqual(errors('list[3]'), ['6-7 3 index 3 is out of range of array with length 3']);
  assert.deepEqual(errors('list[-1]'), ['6-8 -1 index -1 is out of range of array with length 3']);
  assert.deepEqual(errors('object[1]'), ['8-9 1 should be string, got number']);
  assert.deepEqual(errors('"abc"[0]'), ['1-6 "abc" expected object or array, got string']);
  assert.deepEqual(errors('list.a'), ['1-5 list cannot access field "a" on value of type array']);
  assert.deepEqual(errors('object.c'), ['8-9 field "c" does not exist']);
});

test('all errors of an expression come at once', () => {
  assert.deepEqual(errors('[nope, 1 + true, { a = -"x" }, sys.env(gone)]'), [
    '2-6 identifier "nope" does not exist',
    '12-16 true should be one of [number string capsule] for binop +, got bool',
    '25-28 "x" should be number, got string',
    '40-44 identifier "gone" does not exist',
  ]);
});

test('unknown names come with a suggestion', () => {
  const { source, expr } = parseExpression('t', '[constnats, otelcol.procesor]');
  assert.deepEqual(
    evaluate(source, expr, scope).diagnostics.map((d) => d.help),
    ['did you mean "constants"?', 'did you mean "processor"?'],
  );
});

test('a call of a function that does not exist is told as a whole', () => {
  const told = (text: string): string[] => {
    const { source, expr } = parseExpression('t', text);
    return evaluate(source, expr, scope).diagnostics.map(
      (d) => `${d.span.col}-${d.span.endCol} ${d.code} ${d.message}${d.help === undefined ? '' : ` | ${d.help}`}`,
    );
  };
  const table: [text: string, expected: string[]][] = [
    ['envv("X")', ['1-5 unknown_name there is no function "envv" | did you mean "env"?']],
    ['sys.evn("X")', ['1-8 unknown_name there is no function "sys.evn" | did you mean "sys.env"?']],
    ['[sis.env("X").a]', ['2-9 unknown_name there is no function "sis.env" | did you mean "sys.env"?']],
    [
      'convert.nonsensitiv(password)',
      ['1-20 unknown_name there is no function "convert.nonsensitiv" | did you mean "convert.nonsensitive"?'],
    ],
    ['to_uper("x") + "y"', ['1-8 unknown_name there is no function "to_uper" | did you mean "to_upper"?']],
    [
      'frobnicate(gone)',
      ['1-11 unknown_name there is no function "frobnicate"', '12-16 unknown_name identifier "gone" does not exist'],
    ],
    ['nope["a"](1)', ['1-5 unknown_name identifier "nope" does not exist']],
  ];
  for (const [text, expected] of table) assert.deepEqual(told(text), expected, text);
});

test('chains as long as a file neither overflow the stack nor take long', () => {
  const terms = 20_000;
  assert.equal(value(`0${' + 1'.repeat(terms)}`), BigInt(terms));
  assert.match(errors(`object${'.a'.repeat(terms)}`)[0], /cannot access field "a" on value of type number$/);
});

test('names of layered scopes: the first scope wins', () => {
  const both = layered(
    scopeOf(new Map([['a', 1n]])),
    scopeOf(
      new Map([
        ['a', 2n],
        ['b', 3n],
      ]),
    ),
  );
  assert.deepEqual(
    [both.lookup('a'), both.lookup('b'), both.lookup('c'), [...both.names()]],
    [1n, 3n, undefined, ['a', 'b']],
  );
});
