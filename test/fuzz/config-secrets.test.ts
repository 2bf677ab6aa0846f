/**
 * Scenario: random expressions over the whole standard library, with a secret in them. Guarantees: nothing that is printed,
 * told or shown holds its text, unless `convert.nonsensitive` made a text of it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { library, libraryFunctions } from '#config/eval/library/library.ts';
import { jsonValue, printValue } from '#config/eval/print.ts';
import { layered, scopeOf } from '#config/eval/scope.ts';
import { secretOf, type ParameterType, type Value } from '#config/eval/value.ts';
import { toJson } from '#config/schema/json.ts';
import { attr, body, decode } from '#config/schema/schema.ts';
import {
  any,
  bool,
  duration,
  list,
  map,
  number,
  oneOf,
  secret,
  secretOrString,
  size,
  string,
} from '#config/schema/types.ts';
import { parse } from '#config/syntax/parse.ts';

const MARKER = 'hunter2hunter2';
const environment = { variable: () => undefined, hostname: 'h', os: 'linux', arch: 'amd64', version: 'v0' };
const scope = layered(
  scopeOf(
    new Map<string, Value>([
      ['s', secretOf(MARKER)],
      ['o', new Map<string, Value>([['k', secretOf(MARKER)]])],
    ]),
  ),
  library(environment, 'experimental'),
);
const names = libraryFunctions(environment)
  .flatMap((f) => [f.functionName, f.alias ?? f.functionName])
  .filter((name) => !name.includes('nonsensitive'));
const types = {
  a: any,
  b: bool,
  d: duration,
  l: list(string),
  m: map(secret),
  n: number,
  o: oneOf('x', 'y'),
  s: secret,
  t: secretOrString,
  z: size,
  u: string,
};
const schema = body(
  Object.fromEntries(Object.entries(types).map(([name, type]) => [name, attr(type as typeof any, { doc: '' })])),
);

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('s', 'o.k', 'o', '"x"', '1', '[s]', '{ a = s }', 'true', 'null', '"%s %v %q"', '"$.a"'),
    fc
      .tuple(fc.constantFrom(...names), fc.array(tie('expression'), { maxLength: 4 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('+', '-', '==', '<', '&&', '^'), tie('expression'))
      .map(([l, op, r]) => `(${l} ${op} ${r})`),
    tie('expression').map((inner) => `[${inner}, ${inner}]`),
    tie('expression').map((inner) => `${inner.startsWith('(') ? inner : `(${inner})`}.k`),
    tie('expression').map((inner) => `(${inner})["k"]`),
    tie('expression').map((inner) => `-(${inner})`),
  ),
}));

/** Everything that anyone gets to see of `NAME = EXPRESSION`. */
function told(name: string, expression: string): readonly string[] {
  const { file, diagnostics } = parse('f', `${name} = ${expression}\n`);
  assert.deepEqual(diagnostics, [], expression);
  const evaluated = evaluateBody(file.source, file.body, scope);
  const decoded = decode(schema, evaluated.body, file.source.span(0, 1));
  const lines = [...evaluated.diagnostics, ...decoded.diagnostics].map((d) => `${d.message} ${d.help ?? ''}`);
  for (const statement of evaluated.body)
    if (statement.kind === 'attr' && statement.value !== undefined)
      lines.push(printValue(statement.value), JSON.stringify(jsonValue(statement.value)));
  if (decoded.sound) lines.push(JSON.stringify(toJson(schema, decoded.args)));
  return lines;
}

function check(name: string, expression: string): void {
  for (const line of told(name, expression)) assert.ok(!line.includes(MARKER), `${expression}: ${line}`);
}

test('no secret is told', () => {
  fc.assert(
    fc.property(expression, fc.constantFrom(...Object.keys(types)), (text, name) => check(name, text)),
    { numRuns: 2000 },
  );
});

const FITTING: Readonly<Record<ParameterType, string>> = {
  any: '"%s %v %d %q %x %T %#v"',
  string: '"k"',
  number: '1',
  bool: 'true',
  array: '[1]',
  secret: 's',
  'list(string)': '["k"]',
  'list(object)': '[{ k = "x" }]',
};

test('no secret is told by any function, wherever it is among arguments that fit', () => {
  for (const { functionName, parameters, optional, rest } of libraryFunctions(environment)) {
    if (functionName === 'convert.nonsensitive') continue;
    const further = rest === undefined ? [] : [rest, rest, rest];
    const all = [...parameters, ...(optional === undefined ? [] : [optional]), ...further];
    const fitting = all.map(({ name, type }) => (name === 'spec' ? FITTING.any : FITTING[type]));
    for (const [i] of fitting.entries())
      for (const secretive of ['s', '[s]', '{ k = s }', '[{ k = s }]', '[[1, { a = [s] }]]', 's + "x"'])
        for (const name of Object.keys(types)) check(name, `${functionName}(${fitting.with(i, secretive).join(', ')})`);
  }
});

test('the marker would be found', () => {
  assert.ok(told('u', 'convert.nonsensitive(s)').some((line) => line.includes(MARKER)));
});
