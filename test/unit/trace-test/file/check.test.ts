import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at } from '#config/diag/diagnostic.ts';
import { readTest } from '#trace-test/file/read.ts';
import { SCHEMA } from '#trace-test/file/schema.ts';

const HEAD = 'version: 1\nconfig_text: x\n';

async function problems(text: string): Promise<string[]> {
  const { file, diagnostics } = await readTest('t.yaml', Buffer.from(text));
  assert.equal(file === null, diagnostics.length > 0);
  return diagnostics.map(
    ({ span, message, help }) => `${at(span).slice(7)}: ${message}${help === undefined ? '' : `; ${help}`}`,
  );
}

describe('what is no test', () => {
  const cases: [what: string, text: string, ...found: string[]][] = [
    ['nothing', '', '1:1: expected a test: a map with version, config and cases'],
    ['a list', '- a', '1:1: expected a test: a map with version, config and cases'],
    ['no configuration', 'version: 1\ncases: [{ name: a }]', '1:1: config or config_text is missing'],
    ['two of them', `${HEAD}config: y\ncases: [{ name: a }]`, '3:9: config and config_text exclude each other'],
    ['no cases', HEAD, '1:1: "cases" is missing'],
    ['an empty list of them', `${HEAD}cases: []`, '3:8: the list is empty'],
    ['a key twice', 'version: 1\nversion: 1', '2:1: yaml: mapping key "version" already defined; first at t.yaml:1:1'],
    [
      'a second document',
      `${HEAD}cases: [{ name: a }]\n---\nversion: 1`,
      '4:1: only the first document of the file is read',
    ],
    [
      'a misspelt key',
      `${HEAD}cases: [{ nam: a }]`,
      '3:9: "name" is missing',
      '3:11: unknown key "nam"; did you mean "name"?',
    ],
    ['a number for a text', `${HEAD}cases: [{ name: 5 }]`, '3:17: expected a text, got "5"'],
    ['nothing for a list', `${HEAD}cases:`, '3:7: expected a list, got nothing'],
    [
      'a request without anything',
      `${HEAD}cases: [{ name: a, input: { resource: { a: b } } }]`,
      '3:27: expected spans, metrics, logs or otlp_json',
    ],
    [
      'a condition in input',
      `${HEAD}cases: [{ name: a, input: { spans: [{ name: { $matches: a } }] } }]`,
      '3:45: expected a text, got a map',
    ],
    [
      'an unknown condition',
      `${HEAD}cases: [{ name: a, expect: { spans: [{ attributes: { a: { $match: a } } }] } }]`,
      '3:59: unknown condition $match; did you mean "$matches"?',
    ],
  ];
  for (const [what, text, ...found] of cases) test(what, async () => assert.deepEqual(await problems(text), found));

  test('bytes that are no UTF-8', async () => {
    const { file, diagnostics } = await readTest('t.yaml', Buffer.from([0x61, 0xff]));
    assert.deepEqual([file, diagnostics[0]?.message], [null, 'illegal UTF-8 encoding']);
  });
});

test('JSON is a test, too', async () => {
  const text = JSON.stringify({ version: 1, config_text: 'x', cases: [{ name: 'a', expect: { none: true } }] });
  const { file } = await readTest('t.json', Buffer.from(text));
  assert.deepEqual(
    file?.cases.map(({ name, end }) => [name, end.length]),
    [['a', 1]],
  );
});

test('ids are texts, also where they look like numbers', async () => {
  const id = '00000000000000000000000000000012';
  const { file } = await readTest(
    't.yaml',
    Buffer.from(`${HEAD}cases: [{ name: a, input: { spans: [{ trace: ${id}, links: [{ span: 0x12 }] }] } }]`),
  );
  const [step] = file!.cases[0].steps;
  assert.ok(step.kind === 'input');
  assert.deepEqual(step.requests[0].items[0].items, [{ trace: id, links: [{ span: '0x12' }] }]);
});

test('settings of a case win over those of the file', async () => {
  const { file } = await readTest(
    't.yaml',
    Buffer.from(`${HEAD}workers: 2\nenv: { A: 1, B: b }\ncases: [{ name: a }, { name: b, workers: 3, env: { A: x } }]`),
  );
  assert.deepEqual(
    file?.cases.map(({ workers, env }) => [workers, env]),
    [
      [2, { A: '1', B: 'b' }],
      [3, { A: 'x', B: 'b' }],
    ],
  );
});

test('every reference in the schema leads somewhere, every key has words about it', () => {
  const text = JSON.stringify(SCHEMA);
  for (const [, name] of text.matchAll(/"#\/\$defs\/(\w+)"/g)) assert.ok(Object.hasOwn(SCHEMA.$defs, name), name);
  for (const [key, schema] of Object.entries(SCHEMA.properties ?? {}))
    assert.ok(schema.description !== undefined || key === 'start_time', key);
});
