import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { library } from '#config/eval/library/library.ts';
import { Names } from '#config/eval/names.ts';
import { layered } from '#config/eval/scope.ts';
import { secretOf, type Value } from '#config/eval/value.ts';
import { toJson } from '#config/schema/json.ts';
import { attr, block, body, decode, type BodySchema, type Shape } from '#config/schema/schema.ts';
import { bool, duration, list, map, secret, size, string, uint32 } from '#config/schema/types.ts';
import { parse } from '#config/syntax/parse.ts';

const consumer = { capsule: 'otelcol.Consumer', nodeId: 'otelcol.exporter.debug.default', accepts: [0, 1, 2] } as const;
const environment = {
  variable: (name: string): string | undefined => (name === 'SET_BUT_EMPTY' ? '' : undefined),
  hostname: 'h',
  os: 'linux',
  arch: 'amd64',
  version: 'v0',
};
const names = new Names([
  ['otelcol.exporter.debug.default.input', consumer],
  ['key_value', new Map([['fields', [15n, true] as Value]])],
  ['password', secretOf('hunter2')],
]);
const scope = layered(names, library(environment));

const header = body({ name: attr(string, { required: true, doc: '' }), value: attr(secret, { doc: '' }) });
const args = body(
  {
    endpoint: attr(string, { required: true, doc: '' }),
    timeout: attr(duration, { default: 200, doc: '' }),
    send_batch_size: attr(uint32, { default: 2000, doc: '' }),
    send_batch_max_size: attr(uint32, { default: 3000, doc: '' }),
    metadata_keys: attr(list(string), { default: [], doc: '' }),
    headers: attr(map(secret), { default: {}, doc: '' }),
    buffer: attr(size, { doc: '' }),
    header: block(header, { many: true, doc: '' }),
    limits: block(
      body({ max: attr(uint32, { required: true, doc: '' }), on: attr(bool, { default: true, doc: '' }) }),
      { optional: true, doc: '' },
    ),
    debug_metrics: debugMetricsBlock,
    output: outputBlock,
  },
  (a, error) => {
    if (a.send_batch_max_size < a.send_batch_size)
      error('send_batch_max_size', 'must be greater than or equal to send_batch_size');
  },
);

function load<S extends Shape>(
  schema: BodySchema<S>,
  text: string,
): { args: unknown; diagnostics: readonly Diagnostic[]; shown: string[] } {
  const { file, diagnostics } = parse('t', `otelcol.x "y" {\n${text}\n}`);
  assert.deepEqual(diagnostics, []);
  const owner = file.body[0];
  assert.ok(owner.kind === 'block');
  const evaluated = evaluateBody(file.source, owner.body, scope);
  const decoded = decode(schema, evaluated.body, file.source.span(owner.name.start, owner.name.end));
  const all = [...evaluated.diagnostics, ...decoded.diagnostics];
  return { args: decoded.args, diagnostics: all, shown: all.map((d) => `${d.span.line}:${d.span.col} ${d.message}`) };
}

test('a whole body, defaults filled in', () => {
  const loaded = load(
    args,
    `
    endpoint = "tempo:4317"
    timeout = "1m"
    headers = { "x-scope" = "a", authorization = password }
    header { name = "a" }
    header {
      name  = "b"
      value = "c"
    }
    output { traces = [otelcol.exporter.debug.default.input] }`,
  );
  assert.deepEqual(loaded.shown, []);
  assert.deepEqual(loaded.args, {
    endpoint: 'tempo:4317',
    timeout: 60_000,
    send_batch_size: 2000,
    send_batch_max_size: 3000,
    metadata_keys: [],
    headers: { 'x-scope': secretOf('a'), authorization: secretOf('hunter2') },
    buffer: undefined,
    header: [
      { name: 'a', value: undefined },
      { name: 'b', value: secretOf('c') },
    ],
    limits: undefined,
    debug_metrics: { disable_high_cardinality_metrics: true, level: 'detailed' },
    output: { logs: [], metrics: [], traces: [consumer] },
  });
  assert.deepEqual(structuredClone(loaded.args), loaded.args);
});

test('every mistake at its place, all at once', () => {
  const loaded = load(
    args,
    `send_batch_sise = 1
timeout = "10x"
metadata_keys = [
  "a",
  [],
  true,
]
timeout = "1s"
output = 5
send_batch_size {}
header "labelled" { nmae = "x" }
limits { }
limits { max = 1 }
debug_metrics { disable_high_cardinality_metrics = "yes" }
debug_metricz { }
buffer = unknown`,
  );
  assert.deepEqual(loaded.shown, [
    '17:10 identifier "unknown" does not exist',
    '2:1 unrecognized attribute name "send_batch_sise"',
    '3:11 "10x" is not a valid duration: unknown unit "x"',
    '6:3 [] should be string, got array',
    '7:3 true should be string, got bool',
    '9:1 attribute "timeout" may only be provided once',
    '10:1 "output" must be a block, but is used as an attribute',
    '11:1 "send_batch_size" must be an attribute, but is used as a block',
    '12:1 block "header" does not support specifying labels',
    '12:21 unrecognized attribute name "nmae"',
    '12:1 missing required attribute "name"',
    '13:1 missing required attribute "max"',
    '14:1 block "limits" may only be specified once',
    '15:52 "yes" should be bool, got string',
    '16:1 unrecognized block name "debug_metricz"',
    '1:1 missing required attribute "endpoint"',
    '1:1 missing required block "output"',
  ]);
  assert.equal(
    loaded.diagnostics.find((d) => d.message.includes('send_batch_sise'))!.help,
    'did you mean "send_batch_size"?',
  );
  assert.equal(
    loaded.diagnostics.find((d) => d.message.includes('debug_metricz'))!.help,
    'did you mean "debug_metrics"?',
  );
});

test('a mistake in a value from elsewhere names the way to it', () => {
  assert.deepEqual(
    load(body({ keys: attr(list(uint32), { default: [], doc: '' }) }), 'keys = key_value.fields').shown,
    ['2:8 key_value.fields[1] should be number, got bool'],
  );
  assert.deepEqual(
    load(body({ m: attr(map(list(uint32)), { default: {}, doc: '' }) }), 'm = ({ a = [1], b = key_value.fields })')
      .shown,
    ['2:21 key_value.fields[1] should be number, got bool'],
  );
});

test('checks across fields come last, at the attribute if written', () => {
  const required = 'endpoint = "x"\noutput {}\n';
  assert.deepEqual(load(args, `${required}send_batch_max_size = 5`).shown, [
    '4:23 must be greater than or equal to send_batch_size',
  ]);
  assert.deepEqual(load(args, `${required}send_batch_size = 5000`).shown, [
    '1:1 must be greater than or equal to send_batch_size',
  ]);
  assert.deepEqual(load(args, `${required}send_batch_max_size = 5\ntimeout = true`).shown, [
    '5:11 true should be string, got bool',
  ]);
});

test('checks across fields come also when names are unknown or nested blocks have errors of their own', () => {
  const inner = body({ min: attr(uint32, { default: 0, doc: '' }), need: attr(string, { doc: '' }) });
  const schema = body(
    {
      timeout: attr(duration, { default: 1, doc: '' }),
      text: attr(string, { required: true, doc: '' }),
      inner: block(inner, { doc: '' }),
    },
    (a, error) => {
      if (a.timeout < 0) error('timeout', 'must not be negative');
      if (a.inner.min === 0) error('inner', 'min must not be 0');
    },
  );
  const table: [text: string, expected: string[]][] = [
    ['text = ""\ntimeout = "-1s"\ninner {}', ['3:11 must not be negative', '4:1 min must not be 0']],
    [
      'text = ""\ntimeout = "-1s"\nnope = 1',
      ['4:1 unrecognized attribute name "nope"', '3:11 must not be negative', '1:1 min must not be 0'],
    ],
    // Nothing at the block itself: what is wrong in it is told there.
    [
      'text = ""\ntimeout = "-1s"\ninner { min = true }',
      ['4:15 true should be number, got bool', '3:11 must not be negative'],
    ],
    [
      'text = ""\ntimeout = "-1s"\ninner { min = gone }',
      ['4:15 identifier "gone" does not exist', '3:11 must not be negative'],
    ],
    [
      'text = ""\ntimeout = "-1s"\ninner = 1',
      ['4:1 "inner" must be a block, but is used as an attribute', '3:11 must not be negative'],
    ],
    // Without all values of its own there is nothing to check.
    ['timeout = "-1s"', ['1:1 missing required attribute "text"']],
    ['text = []\ntimeout = "-1s"', ['2:8 [] should be string, got array']],
    ['text = gone\ntimeout = "-1s"', ['2:8 identifier "gone" does not exist']],
    [
      'text {}\ntimeout = "-1s"',
      ['2:1 "text" must be an attribute, but is used as a block', '1:1 missing required attribute "text"'],
    ],
  ];
  for (const [text, expected] of table) assert.deepEqual(load(schema, text).shown, expected, text);
});

test('an environment variable that is not set is named as the reason, where it is one', () => {
  const schema = body(
    {
      endpoint: attr(string, { default: 'x', doc: '' }),
      timeout: attr(duration, { default: 1, doc: '' }),
      sizes: attr(list(uint32), { default: [], doc: '' }),
      inner: block(body({ endpoint: attr(string, { default: 'x', doc: '' }) }), { optional: true, doc: '' }),
    },
    (a, error) => {
      if (a.endpoint.length < 2) error('endpoint', 'too short');
      if (a.inner?.endpoint === '') error('inner', 'set endpoint');
    },
  );
  const helps = (text: string): (string | undefined)[] => load(schema, text).diagnostics.map((d) => d.help);
  assert.deepEqual(helps('endpoint = sys.env("A")'), ['the environment variable A is not set']);
  assert.deepEqual(helps('endpoint = env("SET_BUT_EMPTY")'), [undefined]);
  assert.deepEqual(helps('endpoint = sys.env("A") + ":" + env("B") + env("A")'), [
    'the environment variable A is not set; the environment variable B is not set',
  ]);
  assert.deepEqual(helps('endpoint = "ok"\ntimeout = sys.env("A")'), ['the environment variable A is not set']);
  assert.deepEqual(helps('endpoint = "ok"\nsizes = [sys.env("A"), true]'), [
    'the environment variable A is not set',
    undefined,
  ]);
  assert.deepEqual(helps('endpoint = "ok"\nsizes = [1 + sys.env("A")]'), ['the environment variable A is not set']);
  assert.deepEqual(helps('endpoint = "ok"\ninner { endpoint = sys.env("A") }'), [
    'the environment variable A is not set',
  ]);
  assert.deepEqual(helps('endpoint = "ok" + sys.env("A")'), []);
});

test('a value where a list of such values is wanted: the brackets are forgotten', () => {
  const schema = body({ output: outputBlock, keys: attr(list(uint32), { default: [], doc: '' }) });
  const { diagnostics, shown } = load(schema, 'keys = 5\noutput { traces = otelcol.exporter.debug.default.input }');
  assert.deepEqual(shown, [
    '2:8 5 should be array, got number',
    '3:19 otelcol.exporter.debug.default.input should be array, got capsule',
  ]);
  for (const { help } of diagnostics) assert.equal(help, 'write [ ... ] around it');
  assert.equal(load(schema, 'keys = true\noutput {}').diagnostics[0].help, undefined);
});

test('null stands for nothing where nothing is possible, else for the zero value', () => {
  const loaded = load(
    args,
    'endpoint = null\ntimeout = null\nbuffer = null\nmetadata_keys = null\noutput { traces = null }',
  );
  assert.deepEqual(loaded.shown, []);
  const { endpoint, timeout, buffer, metadata_keys } = loaded.args as Record<string, unknown>;
  assert.deepEqual(
    { endpoint, timeout, buffer, metadata_keys },
    { endpoint: '', timeout: 0, buffer: undefined, metadata_keys: [] },
  );
});

test('a deprecated attribute is a warning and works', () => {
  const loaded = load(args, 'endpoint = "x"\noutput {}\ndebug_metrics { level = "basic" }');
  assert.deepEqual(
    loaded.diagnostics.map((d) => [d.severity, d.span.line, d.code]),
    [['warn', 4, 'deprecated']],
  );
});

test('names of the language itself are no names of a schema', () => {
  assert.deepEqual(load(body({}), 'constructor = 1\n__proto__ { }').shown, [
    '2:1 unrecognized attribute name "constructor"',
    '3:1 unrecognized block name "__proto__"',
  ]);
});

test('JSON for the API: defaults left out, secrets hidden', () => {
  const loaded = load(
    args,
    'endpoint = "x"\ntimeout = "1m30s"\nheaders = { a = "top" }\nbuffer = "512KiB"\nheader { name = "n" }\noutput { traces = [otelcol.exporter.debug.default.input] }',
  );
  const json = toJson(args, loaded.args as Parameters<typeof toJson<typeof args.shape>>[1]);
  assert.deepEqual(json, [
    { name: 'endpoint', type: 'attr', value: { type: 'string', value: 'x' } },
    { name: 'timeout', type: 'attr', value: { type: 'string', value: '1m30s' } },
    {
      name: 'headers',
      type: 'attr',
      value: { type: 'object', value: [{ key: 'a', value: { type: 'capsule', value: '(secret)' } }] },
    },
    { name: 'buffer', type: 'attr', value: { type: 'string', value: '512KiB' } },
    { name: 'header', type: 'block', body: [{ name: 'name', type: 'attr', value: { type: 'string', value: 'n' } }] },
    {
      name: 'output',
      type: 'block',
      body: [
        {
          name: 'traces',
          type: 'attr',
          value: { type: 'array', value: [{ type: 'capsule', value: 'capsule("otelcol.Consumer")' }] },
        },
      ],
    },
  ]);
  assert.ok(!JSON.stringify(json).includes('top'));
});

test('the number of diagnostics is bounded', () => {
  assert.equal(
    load(body({ keys: attr(list(bool), { default: [], doc: '' }) }), `keys = [${'1,'.repeat(1000)}]`).diagnostics
      .length,
    500,
  );
  assert.equal(load(body({}), 'a = 1\n'.repeat(1000)).diagnostics.length, 500);
});

test('what lies one level deeper is told where it belongs, if that is clear', () => {
  const inner = body({ endpoint: attr(string, { doc: '' }), shared: attr(string, { doc: '' }) });
  const other = body({ shared: attr(string, { doc: '' }) });
  const outer = body({ client: block(inner, { doc: '' }), server: block(other, { doc: '' }) });
  const file = parse('t', 'endpoint = "x"\nshared = "y"').file;
  const owner = file.source.span(0, 1);
  const { diagnostics } = decode(outer, evaluateBody(file.source, file.body, scope).body, owner);
  assert.deepEqual(
    diagnostics.map(({ help }) => help),
    ['"endpoint" belongs into the block client { ... }', undefined],
  );
});
