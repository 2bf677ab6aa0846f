/** The library as a whole: its tables of tests leave nothing out, and what no table can say. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { compileValue } from '#ottl/expression.ts';
import { CONVERTERS } from '#ottl/functions/library.ts';
import { holdsIn, text, valueIn, valueOf } from '#test/support/ottl.ts';

/** Made anew at every call: they have tests of their own below. */
const RANDOM = ['UUID', 'UUIDv7'];

test('every converter begins a row of a table', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
  const sources = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
  const tried = new Set([...sources.matchAll(/^\s*\[?'(\w+)\(/gm)].map(([, name]) => name));
  assert.deepEqual(
    [...CONVERTERS.keys()].filter((name) => !tried.has(name) && !RANDOM.includes(name)),
    [],
  );
});

test('each says what it gives in a sentence', () => {
  for (const { name, doc } of CONVERTERS.values()) assert.match(doc, /^[A-Z].*[.)]$/, name);
});

describe('random ones', () => {
  test('UUID is of version 4', () => {
    assert.match(String(valueOf('UUID()')), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.notEqual(valueOf('UUID()'), valueOf('UUID()'));
  });

  test('UUIDv7 begins with the milliseconds of the batch', () => {
    const ms = Date.UTC(2026, 0, 2, 3, 4, 5).toString(16).padStart(12, '0');
    const made = String(valueOf('UUIDv7()'));
    assert.match(made, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(made.replaceAll('-', '').slice(0, 12), ms);
    assert.notEqual(valueOf('UUIDv7()'), valueOf('UUIDv7()'));
  });
});

test('a regular expression out of the data is compiled when it comes, and fails when it is none', () => {
  const matched = (pattern: string) =>
    holdsIn('span', { name: 'abc', attributes: [text('p', pattern)] }, 'IsMatch(name, attributes["p"])');
  assert.deepEqual([matched('^a'), matched('z')], [true, false]);
  assert.match(String(matched('(')), /error: invalid regular expression/);
});

test('arguments have names, in either spelling', () => {
  for (const call of [
    'ParseCSV("1;2", header = "a,b", header_delimiter = ",", delimiter = ";")["b"]',
    'ParseCSV(target = "1;2", header = "a,b", headerDelimiter = ",", delimiter = ";")["b"]',
  ])
    assert.equal(valueIn('span', {}, call), '2');
  assert.throws(() => compileValue('ParseCSV("1", "a", delimeter = ";")', 'span'), /no parameter `delimeter`/);
  assert.throws(() => compileValue('ParseCSV("1", "a", target = "x")', 'span'), /given `target` twice/);
  assert.throws(() => compileValue('ParseCSV("1")', 'span'), /lacks its argument `header`/);
});

test('static types', () => {
  for (const [expression, type] of [
    ['1', 'int'],
    ['1 + kind', 'int'],
    ['1.5 * kind', 'double'],
    ['Len(name)', 'int'],
    ['Milliseconds(end_time - start_time)', 'int'],
    ['Seconds(end_time - start_time)', 'double'],
    ['attributes["x"]', 'any'],
    ['-1', 'int'],
  ] as const)
    assert.equal(compileValue(expression, 'span').type, type, expression);
});
