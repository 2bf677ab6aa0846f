/** Inputs of files and environments that no one wrote for us: each gives a value or an error, never an exception. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '#config/eval/evaluate.ts';
import { library } from '#config/eval/library/library.ts';
import { layered, scopeOf } from '#config/eval/scope.ts';
import type { Value } from '#config/eval/value.ts';
import { parseExpression } from '#config/syntax/parse.ts';

const stdlib = library(
  { variable: () => undefined, hostname: 'h', os: 'linux', arch: 'amd64', version: 'v0' },
  'experimental',
);

/** The value of `call` with `x` as given; a text that begins with `error:` instead of it. */
function outcome(call: string, x: string): Value {
  const { source, expr } = parseExpression('e', call);
  const { value, diagnostics } = evaluate(source, expr, layered(scopeOf(new Map([['x', x]])), stdlib));
  return value ?? `error: ${diagnostics.map((d) => d.message).join('; ')}`;
}

test('deep JSON, also where strings full of brackets hide it', () => {
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);
  for (const text of [deep, `["${']'.repeat(20_000)}", ${deep}]`, `["\\"${']'.repeat(20_000)}", ${deep}]`])
    assert.match(String(outcome('encoding.from_json(x)', text)), /^error: x is nested more than 500 levels deep$/);
  assert.equal(outcome('encoding.from_json(x)', JSON.stringify('['.repeat(1000))), '['.repeat(1000));
});

test('texts that would take long to read', () => {
  assert.match(
    String(outcome('encoding.from_yaml(x)', '- a\n'.repeat(1_000_000))),
    /^error: x is longer than \d+ characters$/,
  );
  assert.match(
    String(outcome('encoding.from_json(x)', ' '.repeat(20_000_000))),
    /^error: x is longer than \d+ characters$/,
  );
});

test('large Base64', () => {
  assert.equal(outcome('encoding.from_base64(x)', 'QUJD'.repeat(1_000_000)), 'ABC'.repeat(1_000_000));
  assert.equal(outcome('encoding.from_base64(x)', `${'QUJD'.repeat(1_000_000)}!!!!`), 'error: x is not valid Base64');
});

test('JSONPaths that would look at everything from everywhere end', () => {
  const wide = JSON.stringify(Array.from({ length: 3000 }, () => 1));
  const objects = JSON.stringify(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`k${i}`, i])));
  for (const json of [wide, objects])
    assert.match(
      String(outcome('json_path(x, "$[?count($..*)>3]")', json)),
      /^error: .* takes too long for this JSON$/,
    );
  assert.match(String(outcome('json_path("[]", x)', `$[?${'('.repeat(20_000)}`)), /^error: x is longer than/);
  assert.match(String(outcome('json_path("[]", x)', `$[?${'('.repeat(900)}`)), /^error: /);
  assert.equal((outcome('json_path(x, "$[*]")', `[${'1,'.repeat(99_999)}1]`) as readonly Value[]).length, 100_000);
});

test('values that are neither texts nor numbers are not compared without end', () => {
  const lists = JSON.stringify(Array.from({ length: 3000 }, (_, i) => ({ a: [i] })));
  assert.match(
    String(outcome('array.combine_maps(encoding.from_json(x), encoding.from_json(x), ["a"])', lists)),
    /^error: array\.combine_maps has too many values/,
  );
});
