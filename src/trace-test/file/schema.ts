/** What a test file looks like: the JSON Schema that `millrace trace-test --schema` prints, and that files are checked by. */
import { FIELDS, type Field, type Fields } from '../items/fields.ts';
import { KINDS, type Kind } from '../items/value.ts';
import { ref, type RootSchema, type Schema } from './json-schema.ts';

const DURATION = String.raw`[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)`;
const DATE = String.raw`\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[-+]\d\d:\d\d)`;
export const MAX_WORKERS = 16;

const string = (description: string): Schema => ({ type: 'string', description });
const strings = (description: string): Schema => ({
  type: 'object',
  additionalProperties: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
  description,
});
const object = (
  properties: Readonly<Record<string, Schema>>,
  { required = [], ...more }: Partial<Schema> = {},
): Schema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
  additionalProperties: false,
  ...more,
});
const listOf = (items: Schema, description: string): Schema => ({ type: 'array', items, description });

/** `input`: values only. Else conditions may stand for values, and null for what must not be there. */
function itemSchema(fields: Fields, input: boolean): Schema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const value = { ...fieldSchema(field, input), description: field.doc };
      return [
        name,
        input ? value : { description: field.doc, anyOf: [value, ref('condition'), { type: 'null' as const }] },
      ];
    }),
  );
  return object(properties);
}

function fieldSchema(field: Field, input: boolean): Schema {
  switch (field.type) {
    case 'text':
    case 'trace':
    case 'span':
      return ref('text');
    case 'number':
      return { type: 'number' };
    case 'sample':
      return { anyOf: [{ type: 'number' }, { type: 'string', enum: ['stale'] }] };
    case 'integer':
      return { type: 'integer' };
    case 'bool':
      return { type: 'boolean' };
    case 'time':
      return ref('time');
    case 'duration':
      return ref('duration');
    case 'any':
      return {};
    case 'attributes':
    case 'numbers':
    case 'labels':
      return { type: 'object' };
    case 'choice':
      return { type: 'string', enum: field.choices };
    case 'list':
      return { type: 'array', items: { type: 'number' } };
    case 'map':
      return itemSchema(field.fields, input);
    case 'maps':
      return { type: 'array', items: itemSchema(field.fields, input) };
  }
}

const SHORT: Readonly<Partial<Record<Kind, Schema>>> = {
  series: { type: 'string', title: 'a series such as name{label="value"} 1' },
  lines: { type: 'string', title: 'a line' },
};

function expectedItems(kind: Kind): Schema {
  const short = SHORT[kind];
  const item = ref(`expected_${kind}`);
  return {
    description: WHAT[kind],
    anyOf: [
      { type: 'array', items: short === undefined ? item : { anyOf: [item, short] } },
      { type: 'integer', minimum: 0 },
    ],
  };
}

const WHAT: Readonly<Record<Kind, string>> = {
  spans: 'The spans that come out, or how many.',
  metrics: 'The metric data points that come out, one item for each, or how many.',
  logs: 'The log records that come out, or how many.',
  series: 'The Prometheus samples that come out, or how many.',
  lines: 'The Loki lines that come out, or how many.',
};

const OTLP: Schema = {
  description: 'OTLP/JSON: a request, a list of requests, or the name of a file with one or several.',
  anyOf: [{ type: 'string' }, { type: 'object' }, { type: 'array', items: { type: 'object' } }],
};

const EXPECTATION: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(KINDS.map((kind) => [kind, expectedItems(kind)])),
  otlp_json: OTLP,
  none: { type: 'boolean', const: true, description: 'Nothing comes out.' },
  others: { type: 'boolean', default: false, description: 'Items that are not listed may come out too.' },
  exact: { type: 'boolean', default: false, description: 'Fields that are not mentioned must not be there.' },
  ordered: { type: 'boolean', default: false, description: 'The items come out in the order of the list.' },
};

const ENV = strings('Environment variables, for sys.env and ${env:NAME}.');
const WORKERS: Schema = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_WORKERS,
  default: 1,
  description: 'Number of workers among which the input is cut, as --workers of run.',
};

const STEPS = {
  input: { ...ref('input'), description: 'What a receiver gets.' },
  advance: { ...ref('duration'), description: 'Lets time pass.' },
  memory: { ...ref('size'), description: 'How much memory the process takes from now on; the machine has 4GiB.' },
  expect: { ...ref('expect'), description: 'What has come out since the step expect before, or since the beginning.' },
} as const;

export const SCHEMA: RootSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Tests of a pipeline, for millrace trace-test',
  ...object(
    {
      version: { const: 1, type: 'integer', description: 'Version of this format.' },
      config: string('The configuration: a file, or a folder of .alloy files, as seen from the test file.'),
      config_text: string('The configuration itself, instead of config.'),
      format: {
        type: 'string',
        enum: ['alloy', 'otelcol'],
        description: 'Language of the configuration: by the name of the file unless given; of config_text alloy.',
      },
      stability: {
        type: 'string',
        enum: ['generally-available', 'public-preview', 'experimental'],
        description: 'The least stable components that the configuration may use; --stability.level unless given.',
      },
      env: ENV,
      start_time: {
        ...ref('date'),
        default: '2026-01-01T00:00:00Z',
        description: 'What time it is when a case begins.',
      },
      workers: WORKERS,
      cases: { ...listOf(ref('case'), 'The tests. Each begins with a pipeline of its own.'), minItems: 1 },
    },
    { required: ['version', 'cases'] },
  ),
  $defs: {
    case: object(
      {
        name: string('What is tested.'),
        env: ENV,
        workers: WORKERS,
        input: STEPS.input,
        advance: STEPS.advance,
        steps: {
          ...listOf(
            object(STEPS, { minProperties: 1, maxProperties: 1 }),
            'What happens in turn, instead of input and advance.',
          ),
          minItems: 1,
        },
        expect: {
          ...ref('expect'),
          description: 'What has come out when everything is flushed at the end, since the last step expect.',
        },
        counters: {
          type: 'object',
          additionalProperties: { type: 'number' },
          description: 'What the components have counted at the end: name or name{label="value"} and its value.',
        },
      },
      { required: ['name'] },
    ),
    input: { anyOf: [ref('request'), { type: 'array', items: ref('request'), minItems: 1 }] },
    request: object(
      {
        receiver: string('Id of the receiver, such as otelcol.receiver.otlp.default; not needed where there is one.'),
        spans: listOf(ref('span'), 'Spans.'),
        metrics: listOf(ref('metric'), 'Metric data points, one item for each.'),
        logs: listOf(ref('log'), 'Log records.'),
        resource: { type: 'object', description: 'Resource attributes of all items that have none of their own.' },
        scope: { ...itemSchemaOf('scope'), description: 'Scope of all items that have none of their own.' },
        otlp_json: OTLP,
        metadata: {
          type: 'object',
          additionalProperties: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
          description: 'Metadata of the client, as with include_metadata.',
        },
        outcome: {
          type: 'string',
          enum: ['accepted', 'refused', 'rejected'],
          default: 'accepted',
          description: 'What the sender is told: refused may be sent again, rejected may not.',
        },
      },
      { minProperties: 1 },
    ),
    expect: {
      type: 'object',
      properties: EXPECTATION,
      additionalProperties: ref('exporter'),
      minProperties: 1,
      description: 'By exporter (otelcol.exporter.otlp.default) what comes out; of the only one without its id.',
    },
    exporter: object(EXPECTATION, { minProperties: 1 }),
    span: itemSchema(FIELDS.spans, true),
    metric: itemSchema(FIELDS.metrics, true),
    log: itemSchema(FIELDS.logs, true),
    ...Object.fromEntries(KINDS.map((kind) => [`expected_${kind}`, itemSchema(FIELDS[kind], false)])),
    condition: object(
      {
        $matches: string('A regular expression (RE2) that matches somewhere in the text.'),
        $exists: { type: 'boolean', description: 'Whether there is any value.' },
        $between: { type: 'array', items: { type: 'number' }, description: 'Least and greatest number.' },
      },
      { minProperties: 1, description: 'Stands for a value that is not known exactly.' },
    ),
    text: { title: 'a text', anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    size: { title: 'a size such as 512MiB', type: 'string', pattern: String.raw`^(\d+\.?\d*|\.\d+)([KMGTPE]i?)?B$` },
    duration: { title: 'a duration such as 5s', type: 'string', pattern: `^${DURATION}$` },
    time: {
      title: 'a time: its distance from the beginning such as 5s, or a date such as 2026-01-01T00:00:05Z',
      type: 'string',
      pattern: `^(${DURATION}|${DATE})$`,
    },
    date: { title: 'a date such as 2026-01-01T00:00:00Z', type: 'string', pattern: `^${DATE}$` },
  },
};

function itemSchemaOf(field: 'scope'): Schema {
  const scope = FIELDS.spans[field];
  return fieldSchema(scope, true);
}
