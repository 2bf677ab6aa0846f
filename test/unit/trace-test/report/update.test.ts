/** `--update` writes what came out, and leaves alone what was right. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { traceTest } from '#test/support/test-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-update-'));
after(() => rmSync(folder, { recursive: true }));

const HEAD = `version: 1
config_text: |
  otelcol.receiver.otlp "in" {
    http { }
    output { traces = [otelcol.exporter.otlp.out.input] }
  }
  otelcol.exporter.otlp "out" { client { endpoint = "x:1" } }
cases:
  - name: one
    input:
      spans:
        - { name: a, trace: t, span: a, start: 1s, duration: 5ms, kind: server, attributes: { x: 1, y: old } }
        - { name: b, trace: t, span: b, start: 2s, duration: 0s }
    expect:
`;

async function updated(name: string, expected: string): Promise<{ readonly text: string; readonly out: string }> {
  const file = join(folder, `${name.replaceAll(/\W/g, '-')}.yaml`);
  writeFileSync(file, HEAD + expected);
  const { out } = await traceTest(file, '--update');
  const text = readFileSync(file, 'utf8');
  assert.ok(text.startsWith(HEAD));
  return { text: text.slice(HEAD.length), out: out.replaceAll(`${folder}/`, '') };
}

describe('lists', () => {
  const cases: [what: string, before: string, now: string][] = [
    [
      'a list in lines: fields change, items come and go, the rest stays as it is written',
      `      # about a
      spans:
        # first
        - name:   b   # as it was
        - { name: a, attributes: { y: new, x: 1 }, status: error, duration: 5000us } # a comment
        - name: gone
          kind: client
          trace: z
    # the end
`,
      `      # about a
      spans:
        # first
        - name:   b   # as it was
        - { name: a, attributes: { y: old, x: 1 }, status: null, duration: 5000us }
    # the end
`,
    ],
    [
      'an item over several lines, and one in full',
      `      spans:
        - name: a
          kind: client
          attributes:
            x: { $between: [0, 1] }
            y: { $matches: '^new$' }
`,
      `      spans:
        - name: a
          kind: server
          attributes: { x: { $between: [0, 1] }, y: old }
        - name: b
          trace: t
          span: b
          start: 2s
          duration: 0s
`,
    ],
    [
      'a list in brackets',
      '      { spans: [{ name: z, kind: client, span: q }, { name: b }] }\n',
      '      { spans: [{ name: a, kind: server, span: a }, { name: b }] }\n',
    ],
    [
      'an empty list',
      '      { others: true, spans: [{ name: z, kind: client }] }\n',
      '      { others: true, spans: [] }\n',
    ],
    ['a number', '      spans: 5 # spans\n', '      spans: 2 # spans\n'],
  ];
  for (const [what, before, now] of cases)
    test(what, async () => {
      const { text, out } = await updated(what, before);
      assert.equal(text, now);
      assert.match(out, /: 1 expectation updated\nok /);
    });
});

test('exact: what is not mentioned is added', async () => {
  const { text } = await updated(
    'exact',
    '      { exact: true, others: true, spans: [{ name: b, trace: t, span: b }] }\n',
  );
  assert.equal(
    text,
    '      { exact: true, others: true, spans: [{ name: b, trace: t, span: b, start: 2s, duration: 0s }] }\n',
  );
});

test('what is right is not touched, and what cannot be changed fails as before', async () => {
  const right = '      { spans: [{name:   a}, {name: b}] }\n';
  assert.deepEqual((await updated('right', right)).text, right);
  for (const [name, expected] of [
    ['nothing', '      { none: true }\n'],
    ['order', '      { ordered: true, spans: [{ name: b }, { name: a }] }\n'],
    ['shared', '      { spans: [&a { name: z }, *a] }\n'],
  ] as const) {
    const { text, out } = await updated(name, expected);
    assert.equal(text, expected);
    assert.match(out, /^FAIL/);
  }
});
