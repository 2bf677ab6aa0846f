import assert from 'node:assert/strict';
import { test } from 'node:test';
import { junitXml } from '#trace-test/report/junit.ts';

test('suites and cases, with their sums', () => {
  const xml = junitXml([
    {
      file: 'a.yaml',
      error: null,
      cases: [
        { name: 'one', line: 3, seconds: 0.25, failure: null, text: '' },
        { name: 'two', line: 9, seconds: 0.5, failure: 'expected 1', text: '  a.yaml:9:1: expected 1\n' },
      ],
    },
    { file: 'b.yaml', error: 'unknown key', cases: [] },
  ]);
  assert.equal(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="millrace trace-test" tests="3" failures="1" errors="1" time="0.750">
  <testsuite name="a.yaml" tests="2" failures="1" errors="0" time="0.750">
    <testcase name="one" classname="a.yaml" file="a.yaml" line="3" time="0.250"/>
    <testcase name="two" classname="a.yaml" file="a.yaml" line="9" time="0.500">
      <failure message="expected 1">  a.yaml:9:1: expected 1
</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.yaml" tests="1" failures="0" errors="1" time="0.000">
    <testcase name="b.yaml" classname="b.yaml" file="b.yaml" time="0.000">
      <error message="the file is no test">unknown key</error>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('whatever a span carries, it is XML', () => {
  const xml = junitXml([
    {
      file: 'a',
      error: null,
      cases: [{ name: '<&">', line: 1, seconds: 0, failure: 'a\u0000\u001b[31m\ud800\ufffe', text: ']]> \u{1f600}' }],
    },
  ]);
  assert.ok(xml.includes('name="&lt;&amp;&quot;&gt;"'));
  assert.ok(xml.includes('message="a\ufffd\ufffd[31m\ufffd\ufffd"'));
  assert.ok(xml.includes(']]&gt; \u{1f600}'));
});
