import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineSelector, LogqlError } from '#components/loki/process/logql.ts';

const LABELS = new Map([
  ['app', 'api'],
  ['level', 'warn'],
]);
const LINE = 'took 12s: timeout of "db"';

const CASES: readonly [selector: string, matches: boolean][] = [
  ['{app="api"}', true],
  ['{app!="api"}', false],
  ['{app="ap"}', false],
  ['{app=~"a.*", level=~"warn|error"}', true],
  ['{app=~"a"}', false],
  ['{app!~"b.*"}', true],
  ['{missing=""}', true],
  ['{missing!=""}', false],
  ['{app="api"} |= "timeout"', true],
  ['{app="api"} |= "\\"db\\""', true],
  ['{app="api"} != "timeout"', false],
  ['{app="api"} |~ `took \\d+s`', true],
  ['{app="api"} |~ "took \\\\d+s" !~ "retry" |= "db"', true],
  ['{app="api"} !~ "t.o"', false],
];

for (const [selector, wanted] of CASES)
  test(`LogQL ${selector}`, () => assert.equal(lineSelector(selector).matches(LABELS, LINE), wanted));

test('what is no selector is refused', () => {
  for (const wrong of [
    '',
    '{}',
    'app="x"',
    '{app}',
    '{app=x}',
    '{app="x"',
    '{app="x"} | json',
    '{app="x" level="y"}',
    '{a=~"("}',
  ])
    assert.throws(() => lineSelector(wrong), LogqlError, wrong);
});
