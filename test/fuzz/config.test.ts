/**
 * Scenario: configurations that are damaged or made up. Guarantees: scanner, parser, evaluator, schema and renderer never
 * throw and only name places that are in the file; a printed value reads back as the same value.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { render } from '#config/diag/render.ts';
import { evaluate, evaluateBody } from '#config/eval/evaluate.ts';
import { library } from '#config/eval/library/library.ts';
import { equal } from '#config/eval/operators.ts';
import { printValue } from '#config/eval/print.ts';
import { references } from '#config/eval/references.ts';
import { Names } from '#config/eval/names.ts';
import { layered } from '#config/eval/scope.ts';
import { secretOf, type Value } from '#config/eval/value.ts';
import { toJson } from '#config/schema/json.ts';
import { attr, block, body, decode } from '#config/schema/schema.ts';
import { bool, duration, list, map, number, oneOf, secret, size, string, uint32 } from '#config/schema/types.ts';
import { parse, parseExpression } from '#config/syntax/parse.ts';

const consumer = { capsule: 'otelcol.Consumer', nodeId: 'b.c', accepts: [0] } as const;
const scope = layered(
  new Names([
    ['a', 1n],
    ['b.c.input', consumer],
    ['list', [1n, 'two', [3]]],
    ['s', secretOf('x')],
    ['f', 1.5],
    ['o', new Map([['k', true]])],
  ]),
  library({ variable: () => undefined, hostname: 'h', os: 'linux', arch: 'amd64', version: 'v0' }),
);
const schema = body({
  a: attr(string, { required: true, doc: '' }),
  b: attr(duration, { default: 1, doc: '' }),
  c: attr(list(size), { default: [], doc: '' }),
  d: attr(map(secret), { default: {}, doc: '' }),
  e: attr(oneOf('x', 'y'), { doc: '' }),
  f: attr(number, { doc: '' }),
  g: attr(list(map(bool)), { doc: '' }),
  h: attr(uint32, { doc: '' }),
  x: block(body({ a: attr(string, { doc: '' }) }), { many: true, doc: '' }),
  debug_metrics: debugMetricsBlock,
  output: outputBlock,
});

const words = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'g',
  'h',
  'x',
  'list',
  'list[0]',
  's',
  'o.k',
  'b.c.input',
  'sys.env("A")',
  'constants.os',
  'output',
  'debug_metrics',
  'true',
  'false',
  'null',
  '0',
  '1',
  '18446744073709551616',
  '.5',
  '1e9',
  '1e',
  '1.5',
  '"text"',
  '"5s"',
  '"1MiB"',
  '"\\n"',
  '"\\x',
  '`raw`',
  '"',
  '`',
  "'",
  '//',
  '/*',
  '*/',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\ufeff',
  '\0',
  '\ud800',
  'é',
  '😀',
  '$',
  '=',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ',',
  '.',
  '||',
  '&&',
  '!',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '|',
  '&',
];
const seed = `a = sys.env("HOME") + "/x" // comment
b = "1m30s"
c = ["1MiB", 5 * (2 + 1),]
d = { "k" = s, other = "t", }
e = "x"
f = -f ^ 2 % 7
g = [{ t = 1 < 2 || !true }, o]
h = list[0]
x { a = constants.os }
x {
  /* block comment */
  a = list[1]
}
debug_metrics { }
output {
  traces = [b.c.input]
}
`;

const soup = fc.array(fc.constantFrom(...words), { maxLength: 120 }).map((tokens) => tokens.join(''));
const spacedSoup = fc.array(fc.constantFrom(...words), { maxLength: 120 }).map((tokens) => tokens.join(' '));
const damaged = fc
  .array(fc.record({ at: fc.nat(seed.length), remove: fc.nat(6), insert: fc.constantFrom('', '', ...words) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((edits) =>
    edits.reduce((text, edit) => text.slice(0, edit.at) + edit.insert + text.slice(edit.at + edit.remove), seed),
  );
const bytes = fc.uint8Array({ maxLength: 200 });

/** The whole way of a configuration; returns whether it was without mistakes. */
function run(text: string | Uint8Array): boolean {
  const parsed = parse('fuzz.alloy', text);
  const { source, body: statements } = parsed.file;
  const diagnostics = [...parsed.diagnostics];
  references(source, statements);
  if (diagnostics.length === 0) {
    const evaluated = evaluateBody(source, statements, scope);
    const decoded = decode(schema, evaluated.body, source.span(0, 0));
    diagnostics.push(...evaluated.diagnostics, ...decoded.diagnostics);
    if (diagnostics.length === 0) {
      structuredClone(decoded.args);
      JSON.stringify(toJson(schema, decoded.args));
    }
  }
  const lines = source.text.split('\n');
  for (const { span } of diagnostics) {
    assert.ok(
      span.line >= 1 &&
        span.endLine <= lines.length &&
        (span.line < span.endLine || (span.line === span.endLine && span.col <= span.endCol)),
      JSON.stringify(span),
    );
    assert.ok(
      span.col >= 1 && span.col <= lines[span.line - 1].length + 1 && span.endCol <= lines[span.endLine - 1].length + 1,
      JSON.stringify(span),
    );
  }
  assert.equal(render(diagnostics, new Map([['fuzz.alloy', source.text]])).length > 0, diagnostics.length > 0);
  return diagnostics.length === 0;
}

test('the undamaged text has no mistakes', () => {
  assert.ok(run(seed));
});

for (const [name, inputs] of Object.entries({
  'token soup': soup,
  'spaced token soup': spacedSoup,
  'damaged configurations': damaged,
  'random bytes': bytes,
})) {
  test(`${name}: no exception, places within the file`, () => {
    fc.assert(
      fc.property(inputs as fc.Arbitrary<string | Uint8Array>, (input) => void run(input)),
      { numRuns: 300 },
    );
  });
}

test('expressions of any make: a value or a diagnostic', () => {
  const leaf = fc.constantFrom(
    'a',
    'list',
    's',
    'o',
    'b.c.input',
    'sys.env',
    'nope',
    '1',
    '0',
    '2.5',
    '"x"',
    '""',
    'true',
    'null',
    '[]',
    '{}',
  );
  const operator = fc.constantFrom('||', '&&', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '^');
  const { expr } = fc.letrec<{ expr: string }>((tie) => ({
    expr: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf,
      fc.tuple(tie('expr'), operator, tie('expr')).map(([left, op, right]) => `(${left}) ${op} ${right}`),
      fc.tuple(fc.constantFrom('!', '-'), tie('expr')).map(([op, operand]) => `${op}(${operand})`),
      fc.tuple(tie('expr'), tie('expr')).map(([left, index]) => `(${left})[${index}]`),
      tie('expr').map((left) => `(${left}).k`),
      fc.tuple(tie('expr'), tie('expr')).map(([callee, arg]) => `(${callee})(${arg})`),
      fc.array(tie('expr'), { maxLength: 3 }).map((elements) => `[${elements.join(', ')}]`),
      fc
        .array(tie('expr'), { maxLength: 3 })
        .map((fields) => `{${fields.map((field, i) => `k${i} = ${field}`).join(', ')}}`),
    ),
  }));
  fc.assert(
    fc.property(expr, (text) => {
      const parsed = parseExpression('t', text);
      assert.deepEqual(parsed.diagnostics, []);
      const { value, diagnostics } = evaluate(parsed.source, parsed.expr, scope);
      assert.equal(value === undefined, diagnostics.length > 0);
      if (value !== undefined) printValue(value);
    }),
    { numRuns: 500 },
  );
});

test('a printed value reads back as the same value', () => {
  const key = fc.string({ maxLength: 8 }).filter((text) => !/["\\\p{Cc}\u007f]/u.test(text));
  const { value } = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Value>(null, true, false),
      fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 64n - 1n }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\t', '\0', '\ufeff', '\u007f', '`', '\u2028', 'é') }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((fields) => new Map(fields)),
    ),
  }));
  fc.assert(
    fc.property(value, (original) => {
      const text = printValue(original);
      const { source, expr, diagnostics } = parseExpression('t', text);
      assert.deepEqual(diagnostics, [], text);
      const read = evaluate(source, expr, scope).value;
      assert.ok(read !== undefined && equal(read, original), text);
    }),
    { numRuns: 500 },
  );
});
