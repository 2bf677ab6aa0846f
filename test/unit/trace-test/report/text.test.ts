import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind, ValueMap } from '#trace-test/items/value.ts';
import { COLOURED, PLAIN } from '#trace-test/report/paint.ts';
import { failureText, headline, outputText, summaryText } from '#trace-test/report/text.ts';

const span = { file: 'a.yaml', line: 3, col: 5, endLine: 3, endCol: 5 };
const failure = { span, message: 'expected 1 span, got 1', came: [], list: null };

test('what was expected is red, what came is green, and without colours nothing is', () => {
  const verdict = {
    missing: [
      {
        expected: { span, item: { name: 'a', kind: 'server' }, source: null },
        nearest: { actual: { name: 'a' }, differences: [{ path: 'kind', expected: 'server', actual: undefined }] },
      },
    ],
    unexpected: [],
    isMisordered: false,
  };
  const told = failureText({ failures: [{ ...failure, verdict }], log: [] }, COLOURED);
  assert.ok(told.includes('\u001b[31m  - kind: server\u001b[0m\n'));
  assert.ok(told.includes('\u001b[32m  + kind: (not there)\u001b[0m\n'));
  assert.ok(headline('a', 'b', false, COLOURED).startsWith('\u001b[31mFAIL'));
  const plain = failureText({ failures: [{ ...failure, verdict }], log: [] }, PLAIN);
  assert.equal(
    plain,
    told
      .replaceAll('\u001b[31m', '')
      .replaceAll('\u001b[32m', '')
      .replaceAll('\u001b[2m', '')
      .replaceAll('\u001b[0m', ''),
  );
});

test('of very many the first are shown', () => {
  const came = Array.from({ length: 25 }, (_, i): ValueMap => ({ name: `${i}` }));
  const told = failureText({ failures: [{ ...failure, verdict: null, came }], log: [] }, PLAIN);
  assert.equal(told.match(/\+ name/g)?.length, 10);
  assert.match(told, /and 15 more\n$/);
});

test('what was logged stands below, with its facts', () => {
  const fields = { component_path: '/', component_id: 'x.y.z', n: 1, none: undefined };
  const told = failureText({ failures: [], log: [{ level: 'warn', message: 'odd', fields }] }, PLAIN);
  assert.equal(told, '  the pipeline logged:\n    warn odd component_id="x.y.z" n=1\n');
});

test('what came out, by exporter and kind; ids that nobody has named are left out', () => {
  const series: ValueMap[] = [{ name: 'up', labels: { job: "it's" }, value: 1 }];
  const spans: ValueMap[] = [{ name: 'x', trace: 'f'.repeat(32), span: 'root' }];
  const output = new Map<string, ReadonlyMap<Kind, ValueMap[]>>([
    ['b', new Map([['series', series]])],
    ['a', new Map([['spans', spans]])],
  ]);
  assert.equal(
    outputText(output),
    `  expect:
    a:
      spans:
        - name: x
          span: root
    b:
      series:
        - 'up{job="it''s"} 1'
`,
  );
  assert.equal(outputText(new Map()), '  expect:\n    none: true\n');
});

test('the sum of all', () => {
  assert.equal(summaryText({ passed: 1, failed: 0, broken: 0 }, PLAIN), '1 passed, 0 failed\n');
  assert.equal(summaryText({ passed: 1, failed: 2, broken: 2 }, PLAIN), '1 passed, 2 failed, 2 files are no test\n');
});
