/**
 * Scenario: Collector YAML that is damaged or made to hurt. Guarantees: the conversion never throws, names only places that are
 * in the files, and stays within its bounds; where there is a result, its text parses, and text and tree say the same.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector, type Converted } from '#config/convert/convert.ts';
import { writeText } from '#config/convert/write-text.ts';
import { render } from '#config/diag/render.ts';
import { format } from '#config/print/format.ts';
import type { Body, Statement } from '#config/syntax/ast.ts';
import { parse } from '#config/syntax/parse.ts';

const SEED = `# a gateway
receivers:
  otlp:
    protocols: &p
      grpc: { endpoint: "\${env:HOST:-0.0.0.0}:4317", max_recv_msg_size_mib: 8, keepalive: { server_parameters: { time: 1h } } }
      http:
        <<: *p
        cors: { allowed_origins: ["https://*"], max_age: 7200 }
        tls: { cert_file: /c, key_file: \${file:/k}, min_version: '1.2' }
processors: { batch: , batch/2: { timeout: 1s, send_batch_size: 0x10, metadata_keys: "a,b" } }
exporters:
  otlp: { endpoint: 'x:1', headers: { a: $$b, c: "\${T}" }, sending_queue: { batch: { min_size: 010 } }, auth: { authenticator: none } }
  otlphttp/a-b:
    endpoint: >-
      http://h:4318
    retry_on_failure: { enabled: no, multiplier: 1.25 }
  debug: { verbosity: detailed, sending_queue: ~ }
extensions: { health_check: }
service:
  extensions: [health_check]
  telemetry: { logs: { level: warn, encoding: json }, metrics: { readers: [] } }
  pipelines:
    traces: { receivers: [otlp], processors: [batch, batch/2], exporters: [otlp, debug] }
    logs/2: { receivers: [otlp], exporters: [otlphttp/a-b] }
`;
const GOOD = SEED.replace('<<: *p', 'endpoint: a:1')
  .replace('auth: { authenticator: none }', 'timeout: 1s')
  .replace('enabled: no', 'enabled: false')
  .replace('${file:/k}', '/k');

const PROVIDERS = {
  env: (name: string) => ({ HOST: '127.0.0.1', T: '${HOST}', L: '[a, {b: c}]', R: '${R}${R}' })[name],
  file: (path: string) => (path === '/k' ? { text: 'a: &x [1, *x]\n' } : { problem: `no file ${path}` }),
};

function run(texts: readonly string[], expand: boolean): Converted {
  const documents = texts.map((text, i) => ({ name: `${i}.yaml`, bytes: Buffer.from(text) }));
  const converted = convertCollector(documents, {
    components: COMPONENTS.values(),
    ...(expand ? { expand: PROVIDERS } : {}),
  });
  check(converted);
  return converted;
}

function check({ text, files, diagnostics, texts }: Converted): void {
  assert.ok(diagnostics.length <= 1500);
  for (const { span } of diagnostics) {
    const lines = texts.get(span.file)?.split('\n');
    assert.ok(lines !== undefined, span.file);
    assert.ok(
      span.line >= 1 && span.line <= lines.length && span.col >= 1 && span.endLine >= span.line,
      JSON.stringify(span),
    );
    assert.ok(span.col <= lines[span.line - 1].length + 1 && span.endLine <= lines.length, JSON.stringify(span));
  }
  render(diagnostics, texts);
  const [file] = files;
  assert.ok(file !== undefined);
  const { length } = file.source.text;
  const inside = (statement: Statement): void => {
    assert.ok(statement.start >= 0 && statement.end >= statement.start && statement.end <= length);
    if (statement.kind === 'block') statement.body.forEach(inside);
    else assert.ok(statement.value.start >= 0 && statement.value.end <= length);
  };
  file.body.forEach(inside);
  assert.equal(
    text === null,
    diagnostics.some(({ severity }) => severity === 'error'),
  );
  if (text === null) return;
  assert.deepEqual(parse('converted', text).diagnostics, []);
  assert.equal(format('tree', writeText(file.body)).text, text);
}

const PIECES = [
  ...'${|}|$$|${env:|:-|${file:/k}|${L}|${R}|${yaml:a: b}|&a |*a|<<: |: |- |? |[|]|{|,|::|/|~|null|0o17|.inf|1e400|é'.split(
    '|',
  ),
  ...'"|\'|!!str |!x |#|%YAML 1.1|  |enabled: false|grpc:|tls:|auth: {authenticator: x}|health_check'.split('|'),
  ...'receivers|otlp|exporters|service|pipelines|logs/2|\n|\t|>-\n|---\n|...\n|\0|\ufeff'.split('|'),
  '|\n',
];
const chunk = fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 8 }));
const edit = fc.tuple(fc.nat(), fc.nat({ max: 30 }), chunk);

describe('damaged YAML', () => {
  for (const [name, seed] of [
    ['a seed with mistakes', SEED],
    ['a good seed', GOOD],
  ] as const)
    test(name, () => {
      fc.assert(
        fc.property(fc.array(edit, { maxLength: 6 }), fc.boolean(), (edits, expand) => {
          let text: string = seed;
          for (const [at, cut, put] of edits) {
            const start = at % (text.length + 1);
            text = text.slice(0, start) + put + text.slice(start + (cut % 7 === 0 ? cut : 0));
          }
          run([text], expand);
        }),
        { numRuns: 700 },
      );
    });

  test('made of nothing but pieces, in two documents', () => {
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 40 }),
        fc.array(chunk, { maxLength: 20 }),
        fc.boolean(),
        (a, b, expand) => {
          run([a.join(''), GOOD, b.join('')], expand);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        check(convertCollector([{ name: 'x', bytes }], { components: COMPONENTS.values() }));
      }),
      { numRuns: 300 },
    );
  });
});

test('keys of any characters come out as they are, or are said to be impossible', () => {
  const characters = fc.constantFrom('a', ' ', '\\', '"', '`', '\n', '\t', '\r', '\0', '=', 'é', '\ufeff', '//');
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 5 }), (parts) => {
      const key = parts.join('');
      const headers = `headers: { ${JSON.stringify(key)}: value }`;
      const { files, text } = run([GOOD.replace('headers: { a: $$b, c: "${T}" }', headers)], true);
      if (text === null) return assert.match(key, /[\0\r\ufeff]|`/);
      const [{ body }] = files;
      assert.deepEqual(keysOf(parse('converted', text).file.body), keysOf(body));
      assert.ok(keysOf(body).includes(key));
    }),
    { numRuns: 300 },
  );
});

/** Of all objects in attributes. */
function keysOf(body: Body): readonly string[] {
  return body.flatMap((statement) => {
    if (statement.kind === 'block') return keysOf(statement.body);
    return statement.value.kind === 'object' ? statement.value.fields.map(({ name }) => name.text) : [];
  });
}

describe('YAML made to hurt', () => {
  const SIZE = 64 * 1024;
  const grown = (piece: string): string => piece.repeat(Math.floor(SIZE / piece.length));
  const endpoint = (text: string): string => `receivers: {otlp: {protocols: {grpc: {endpoint: "${text}"}}}}\n`;
  const cases: Readonly<Record<string, string>> = {
    'open brackets': grown('['),
    'open maps': grown('{a: '),
    'nested dashes': grown('- '),
    'explicit keys': grown('? '),
    quotes: grown('"'),
    commas: `[${grown(',')}`,
    'one key again and again': grown('a: 1\n'),
    'many keys': Array.from({ length: 8000 }, (_, i) => `k${i}: 1\n`).join(''),
    'many components': `receivers:\n${Array.from({ length: 4000 }, (_, i) => `  otlp/${i}:\n`).join('')}`,
    'nested references': endpoint('${'.repeat(SIZE / 4) + '}'.repeat(SIZE / 4)),
    'nested fallbacks': endpoint('${A:-'.repeat(SIZE / 8) + '}'.repeat(SIZE / 8)),
    'many references': endpoint(grown('${A}')),
    'references that grow': endpoint('${R}'),
    'aliases of aliases': `a: &a0 [x, x]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`).join('')}`,
    'merges of merges': `a: &a0 {x: 1}\n${Array.from({ length: 2000 }, (_, i) => `b${i}: &a${i + 1} {<<: *a${i}, k${i}: 1}\n`).join('')}`,
    'an anchor in itself': 'a: &a [*a]\n',
  };
  for (const [name, text] of Object.entries(cases))
    test(name, () => {
      assert.equal(run([text], false).text, null);
      assert.equal(run([text], true).text, null);
    });

  test('many pipelines and aliases are no attack', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `    traces/${i}: *p\n`).join('');
    const { text } = run(
      [
        `receivers: {otlp: {protocols: {grpc: }}}\nexporters: {otlp: {endpoint: "x:1"}}\nservice:\n  pipelines:\n    traces: &p {receivers: [otlp], exporters: [otlp]}\n${names}`,
      ],
      false,
    );
    assert.equal(text?.match(/^otelcol\.exporter\.otlp/gm)?.length, 1001);
  });
});
