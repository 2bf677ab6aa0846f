/** By the tests of the Collector's translator (opentelemetry-collector-contrib `pkg/translator/loki`), and beyond. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANY_VALUE, ARRAY_VALUE, LOG_RECORD } from '#codec/otlp/fields.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { Batch } from '#components/kit/batch.ts';
import { create } from '#components/otelcol/exporter/loki/worker.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS } from '#shared/signal.ts';
import { linesIn, type TestLine } from '#test/support/loki.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

type Plain = null | string | number | boolean | Buffer | bigint | readonly Plain[] | { readonly [key: string]: Plain };
type Attributes = Readonly<Record<string, Plain>>;

/** A number with a fraction, NaN included, is a double. */
function anyValue(value: Plain): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  if (Buffer.isBuffer(value)) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: (value as readonly Plain[]).map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as Attributes) } };
}
const keyValues = (attributes: Attributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

interface Record_ {
  readonly body?: Plain;
  readonly attrs?: Attributes;
  readonly severity?: number;
  readonly fields?: Readonly<Record<string, unknown>>;
}

function logs(records: readonly Record_[], resource: Attributes = {}, scope: object = {}): Batch {
  const bytes = encodeRequest(LOGS, {
    resourceLogs: [
      {
        resource: { attributes: keyValues(resource) },
        scopeLogs: [
          {
            scope,
            logRecords: records.map(({ body, attrs = {}, severity = 0, fields = {} }) => ({
              timeUnixNano: '1677592916000000001',
              attributes: keyValues(attrs),
              severityNumber: severity,
              ...(body === undefined ? {} : { body: anyValue(body) }),
              ...fields,
            })),
          },
        ],
      },
    ],
  });
  return { signal: LOGS, bytes, items: records.length, metadata: null, owned: true };
}

function convert(batch: Batch, ctx: TestWorkerContext = workerContext('otelcol.exporter.loki.test')): TestLine[] {
  const part = create({ forward_to: [] }, ctx);
  assert.equal(part.input?.consume(batch), Outcome.accepted);
  return ctx.next.loki.taken.flatMap(({ bytes }) => linesIn(bytes));
}
const one = (record: Record_, resource?: Attributes, scope?: object): TestLine =>
  convert(logs([record], resource, scope))[0];

const LABELS: readonly [name: string, record: Record_, resource: Attributes, labels: Attributes, line: string][] = [
  [
    'an attribute becomes a label, another stays',
    { attrs: { 'host.name': 'guarana', 'http.status': 200, 'loki.attribute.labels': 'host.name' } },
    {},
    { host_name: 'guarana' },
    '{"attributes":{"http.status":200}}',
  ],
  [
    'an attribute of the resource',
    {},
    { 'host.name': 'guarana', 'region.az': 'eu-west-1a', 'loki.resource.labels': 'host.name' },
    { host_name: 'guarana' },
    '{"resources":{"region.az":"eu-west-1a"}}',
  ],
  [
    'one of the resource, by a hint of the record',
    { attrs: { 'loki.resource.labels': 'a' } },
    { a: 'x' },
    { a: 'x' },
    '{}',
  ],
  ['the severity', { severity: 8 }, {}, { level: 'DEBUG4' }, '{}'],
  ['the severity, where there is a level', { severity: 8, attrs: { level: 'dummy' } }, {}, { level: 'dummy' }, '{}'],
  [
    'a level without severity stays an attribute',
    { attrs: { level: 'dummy' } },
    {},
    {},
    '{"attributes":{"level":"dummy"}}',
  ],
  [
    'texts with commas',
    {
      severity: 8,
      attrs: { 'host.name': 'guarana', 'host.ip': '127.0.0.1', 'loki.attribute.labels': 'host.name, host.ip' },
    },
    {
      'service.name': 'my-service',
      'service.namespace': 'my-namespace',
      'loki.resource.labels': 'service.name, service.namespace',
    },
    {
      host_ip: '127.0.0.1',
      host_name: 'guarana',
      job: 'my-namespace/my-service',
      level: 'DEBUG4',
      service_name: 'my-service',
      service_namespace: 'my-namespace',
    },
    '{}',
  ],
  [
    'lists',
    { severity: 9, attrs: { a: 1, b: true, 'loki.attribute.labels': ['a', 'b'] } },
    {},
    { a: '1', b: 'true', level: 'INFO' },
    '{}',
  ],
  [
    'a hint with an empty name',
    { attrs: { '': 'x', a: '1', 'loki.attribute.labels': 'a, ,' } },
    {},
    { a: '1' },
    '{"attributes":{"":"x"}}',
  ],
  [
    'a hint that is neither',
    { severity: 9, attrs: { '5': 'x', 'loki.attribute.labels': 5 } },
    {},
    { key_5: 'x' },
    '{"attributes":{"level":"INFO"}}',
  ],
  [
    'job and instance',
    {},
    { 'service.name': 'svc', 'service.instance.id': 'i-1' },
    { job: 'svc', instance: 'i-1' },
    '{"resources":{"service.instance.id":"i-1","service.name":"svc"}}',
  ],
  [
    'the tenant is a label like others',
    { attrs: { 'loki.tenant': 'tenant.id', 'tenant.id': '1' } },
    {},
    { tenant_id: '1' },
    '{}',
  ],
  [
    'the tenant of the resource counts first',
    { attrs: { 'loki.tenant': 't', t: '31' } },
    { 'loki.tenant': 't', t: '21' },
    { t: '21' },
    '{}',
  ],
  [
    'a way into maps',
    {
      attrs: {
        pet: { name: 'tiger', owner: { name: 'bill' } },
        'loki.attribute.labels': 'pet.owner.name, pet.name.x, pet.nobody',
      },
    },
    {},
    { pet_owner_name: 'bill' },
    '{"attributes":{"pet":{"name":"tiger","owner":{"name":"bill"}}}}',
  ],
  [
    'names become names of labels',
    { attrs: { '1a': '1', _b: '2', __c: '3', 'ä-b': '4', 'loki.attribute.labels': '1a,_b,__c,ä-b' } },
    {},
    { key_1a: '1', key_b: '2', __c: '3', __b: '4' },
    '{}',
  ],
  [
    'a value that is not text',
    { attrs: { a: { x: [1, '<'] }, 'loki.attribute.labels': 'a' } },
    {},
    { a: '{"x":[1,"<"]}' },
    '{}',
  ],
];

for (const [name, record, resource, labels, line] of LABELS) {
  test(`labels: ${name}`, () => {
    const out = one(record, resource);
    assert.deepEqual(out.labels, { exporter: 'OTLP', ...labels });
    assert.equal(out.line, line);
    assert.equal(out.at, 1_677_592_916_000_000_001n);
  });
}

const EXAMPLE: Record_ = {
  attrs: { attr1: '1', attr2: '2' },
  fields: {
    severityText: 'error',
    traceId: Buffer.from('01020304000000000000000000000000', 'hex'),
    spanId: Buffer.from('0506070800000000', 'hex'),
  },
};
const RESOURCE = { 'host.name': 'something' };
const SCOPE = { name: 'example-logger-name', version: 'v1' };
const JSON_REST =
  '"traceid":"01020304000000000000000000000000","spanid":"0506070800000000","severity":"error","attributes":{"attr1":"1","attr2":"2"},"resources":{"host.name":"something"},"instrumentation_scope":{"name":"example-logger-name","version":"v1"}}';
const LOGFMT_REST =
  'traceID=01020304000000000000000000000000 spanID=0506070800000000 severity=error attribute_attr1=1 attribute_attr2=2 resource_host.name=something instrumentation_scope_name=example-logger-name instrumentation_scope_version=v1';
const line = (body: Plain | undefined, format: string | null, fields: object = {}): string =>
  one(
    {
      ...EXAMPLE,
      ...(body === undefined ? {} : { body }),
      fields: { ...EXAMPLE.fields, ...fields },
      attrs: { ...EXAMPLE.attrs, ...(format === null ? {} : { 'loki.format': format }) },
    },
    RESOURCE,
    SCOPE,
  ).line;

test('json: the members in their order', () => {
  assert.equal(line('Example log', null), `{"body":"Example log",${JSON_REST}`);
  assert.equal(line({ key2: 'value', key1: 'value' }, 'json'), `{"body":{"key1":"value","key2":"value"},${JSON_REST}`);
  assert.equal(
    line('x', null, { flags: 1 }),
    `{"body":"x",${JSON_REST.replace('"attributes"', '"flags":1,"attributes"')}`,
  );
  assert.equal(line(undefined, null), `{${JSON_REST}`);
});

test('json: values as Go writes them', () => {
  const body = (value: Plain): string => one({ body: value }).line;
  assert.equal(
    body('<a&b>\u2028\u0001"\\é\u{1f600}'),
    '{"body":"\\u003ca\\u0026b\\u003e\\u2028\\u0001\\"\\\\é\u{1f600}"}',
  );
  assert.equal(
    body([1, 1.5, true, null, Buffer.from('abc'), 9223372036854775807n]),
    '{"body":[1,1.5,true,null,"YWJj",9223372036854775807]}',
  );
  assert.equal(body(''), '{"body":""}');
  assert.equal(body(0.5e-7), '{"body":5e-8}');
});

test('logfmt: a body that is logfmt gives its pairs, another one is the message', () => {
  assert.equal(line('msg="hello world"', 'logfmt'), `msg="hello world" ${LOGFMT_REST}`);
  assert.equal(line('Example log', 'logfmt'), `Example= log= ${LOGFMT_REST}`);
  assert.equal(line('a="', 'logfmt'), `msg="a=\\"" ${LOGFMT_REST}`);
  assert.equal(line({ key1: 'value', key2: 'value' }, 'logfmt'), `key1=value key2=value ${LOGFMT_REST}`);
  assert.equal(line(['value', true, 123], 'logfmt'), `body_0=value body_1=true body_2=123 ${LOGFMT_REST}`);
  assert.equal(line('x', 'logfmt', { flags: 1 }).split(' ')[4], 'flags=1');
  assert.equal(line({ severity: 'mine' }, 'logfmt').split(' ')[0], 'severity=error');
});

test('logfmt: values of every kind', () => {
  const attrs = {
    'loki.format': 'logfmt',
    a: ['fooo', { s: [true], foo: 'bar' }],
    d: 1.5e6,
    n: null,
    t: 'null',
    b: Buffer.from('abc'),
  };
  assert.equal(
    one({ body: { keystr: 'val', keynull: null, keymap: { key: 'val' } }, attrs }).line,
    'keystr=val keymap_key=val attribute_a_0=fooo attribute_a_1_s_0=true attribute_a_1_foo=bar attribute_d=1500000 attribute_t="null" attribute_b=abc',
  );
  assert.equal(one({ body: 1_500_000.5, attrs: { 'loki.format': 'logfmt' } }).line, 'msg=1.5000005e+06');
  assert.equal(one({ body: Buffer.from('abc'), attrs: { 'loki.format': 'logfmt' } }).line, 'msg=abc');
  assert.equal(one({ body: 'x=null', attrs: { 'loki.format': 'logfmt' } }).line, 'x=null');
});

test('raw: the body alone; the hint of the resource counts first', () => {
  assert.equal(one({ body: 'span=GET dur=3ns', attrs: { a: '1', 'loki.format': 'raw' } }).line, 'span=GET dur=3ns');
  assert.equal(
    one({ body: { b: 1, a: '<' }, attrs: { 'loki.format': 'json' } }, { 'loki.format': 'raw' }).line,
    '{"a":"<","b":1}',
  );
  assert.equal(one({}, { 'loki.format': 'raw' }).line, '');
});

test('time: of the record, else when it was observed, else now', () => {
  const at = (fields: Readonly<Record<string, unknown>>): bigint | undefined => one({ body: 'x', fields }).at;
  assert.equal(at({ timeUnixNano: 5, observedTimeUnixNano: 6 }), 5n);
  assert.equal(at({ timeUnixNano: 0, observedTimeUnixNano: 6 }), 6n);
  assert.equal(at({ timeUnixNano: 0 }), BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n);
});

test('records of which no line can be made are counted, the others go on', () => {
  const ctx = workerContext('otelcol.exporter.loki.test');
  const out = convert(
    logs([
      { body: NaN },
      { body: 'x', attrs: { 'loki.format': 'my-format' } },
      { body: { '': 'x' }, attrs: { 'loki.format': 'logfmt' } },
      { body: 'good' },
    ]),
    ctx,
  );
  assert.deepEqual(
    out.map(({ line: text }) => text),
    ['{"body":"good"}'],
  );
  const count = (name: string): number => ctx.meter.value(`otelcol_exporter_loki_entries_${name}`);
  assert.deepEqual([count('total'), count('failed'), count('processed')], [4, 3, 1]);
  assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { signal: 'logs', reason: 'encoding' }), 3);
  assert.equal(ctx.log.lines.length, 1);
});

test('nothing but failures is accepted and goes nowhere', () => {
  const ctx = workerContext('otelcol.exporter.loki.test');
  assert.deepEqual(convert(logs([{ body: NaN }]), ctx), []);
  assert.equal(ctx.next.loki.offered.length, 0);
});

test('lines keep their order; a refused batch is converted once', () => {
  const ctx = workerContext('otelcol.exporter.loki.test');
  const part = create({ forward_to: [] }, ctx);
  const batch = logs(
    ['1', '2', '3'].map((body) => ({
      body,
      attrs: { 'loki.format': 'raw', k: body, 'loki.attribute.labels': body === '2' ? 'k' : '' },
    })),
  );
  ctx.next.loki.answer = () => Outcome.queueFull;
  assert.equal(part.input?.consume(batch), Outcome.queueFull);
  ctx.next.loki.answer = () => Outcome.accepted;
  assert.equal(part.input?.consume(batch), Outcome.accepted);
  assert.deepEqual(
    linesIn(ctx.next.loki.taken[0].bytes).map(({ line: text }) => text),
    ['1', '2', '3'],
  );
  assert.equal(ctx.next.loki.taken[0].bytes, ctx.next.loki.offered[0].bytes);
  assert.equal(ctx.meter.value('otelcol_exporter_loki_entries_total'), 3);
});

/** A record whose body is a list in a list and so on: the oracle writes none so deep. */
function nested(levels: number): Buffer {
  const writer = new Writer();
  const marks = [1, 2, 2, LOG_RECORD.body].map((field) => writer.begin(field));
  for (let i = 0; i < levels; i++) marks.push(writer.begin(ANY_VALUE.arrayValue), writer.begin(ARRAY_VALUE.values));
  for (const mark of marks.reverse()) writer.end(mark);
  return writer.finish();
}

test('hostile input: invalid UTF-8 is U+FFFD, deep nesting is malformed, a stopped part refuses', async () => {
  const ctx = workerContext('otelcol.exporter.loki.test');
  const part = create({ forward_to: [] }, ctx);
  const consume = (batch: Batch): unknown => part.input?.consume(batch);
  assert.equal(consume({ ...logs([]), bytes: nested(200), items: 1 }), Outcome.malformed);
  const bad = logs([{ body: 'a\u0001b' }]);
  bad.bytes[bad.bytes.indexOf(1, bad.bytes.indexOf('a\u0001b'))] = 0xff;
  consume(bad);
  assert.equal(linesIn(ctx.next.loki.taken[0].bytes)[0].line, '{"body":"a\ufffdb"}');
  await part.stop(1000);
  assert.equal(consume(logs([{ body: 'x' }])), Outcome.stopping);
  assert.equal(ctx.clock.pending, 0);
});
