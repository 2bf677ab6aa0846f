/**
 * The schema holds against configurations that run and refuses those that do not, by the validator of another project:
 * python3 with jsonschema, where found.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector } from '#config/convert/convert.ts';
import { jsonSchema } from '#config/convert/json-schema.ts';
import { parse } from 'yaml';

const SCHEMA = jsonSchema(COMPONENTS.values());
const found = spawnSync('python3', ['-c', 'import jsonschema'], { stdio: 'ignore' }).status === 0;
const skip = found ? false : 'python3 with jsonschema is not there';

const CHECK = `
import json, sys
from jsonschema import Draft202012Validator as Validator
schema, documents = json.load(sys.stdin)
Validator.check_schema(schema)
validator = Validator(schema)
json.dump([[e.json_path for e in validator.iter_errors(d)] for d in documents], sys.stdout)
`;

/** Where each of the documents is wrong. */
function errorsOf(...documents: unknown[]): string[][] {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', CHECK], {
    input: JSON.stringify([SCHEMA, documents]),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as string[][];
}

const base = {
  receivers: { otlp: { protocols: { grpc: null, http: { endpoint: 'localhost:4318' } } } },
  processors: { batch: null, 'batch/two': { timeout: '1m30s', send_batch_size: 10 } },
  exporters: { otlp: { endpoint: 'tempo:4317', tls: { insecure: true } } },
  service: { pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['otlp'] } } },
};
const batch = (settings: unknown): unknown => ({ ...base, processors: { batch: settings } });
const otlp = (settings: unknown): unknown => ({ ...base, exporters: { otlp: settings } });

describe('by hand', { skip }, () => {
  test('what runs is good', () => {
    const good = [
      base,
      batch({ timeout: '${env:WAIT:-200ms}', send_batch_size: '${env:SIZE}' }),
      batch({ timeout: 0, metadata_keys: ['tenant'] }),
      otlp({ endpoint: '${env:WHERE}', sending_queue: null, retry_on_failure: { max_elapsed_time: '0s' } }),
      otlp({
        endpoint: 'x:1',
        headers: { a: 'b' },
        compression: 'zstd',
        sending_queue: { queue_size: 5000, batch: null },
      }),
      {
        ...base,
        extensions: { health_check: {} },
        service: { ...base.service, telemetry: { logs: { level: 'debug' } } },
      },
    ];
    assert.deepEqual(
      errorsOf(...good),
      good.map(() => []),
    );
  });

  const bad: [what: string, document: unknown, path: string][] = [
    ['a key that is not known', batch({ timeot: '1s' }), '$.processors.batch'],
    ['a duration without a unit', batch({ timeout: '5' }), '$.processors.batch.timeout'],
    ['a duration with a wrong unit', batch({ timeout: '5d' }), '$.processors.batch.timeout'],
    ['a number that is text', batch({ send_batch_size: 'many' }), '$.processors.batch.send_batch_size'],
    ['a word that is not one of them', otlp({ endpoint: 'x', compression: 'rar' }), '$.exporters.otlp.compression'],
    ['what is required, left out', otlp({ tls: { insecure: true } }), '$.exporters.otlp'],
    ['all of it left out', otlp(null), '$.exporters.otlp'],
    ['a component that is not there', { ...base, exporters: { nope: {} } }, '$.exporters'],
    ['no service', { ...base, service: undefined }, '$'],
    [
      'a signal that does not exist',
      { ...base, service: { pipelines: { spans: { receivers: [], exporters: [] } } } },
      '$.service.pipelines',
    ],
    ['a section that is not known', { ...base, processor: {} }, '$'],
  ];
  let errors: string[][];
  before(() => {
    errors = errorsOf(...bad.map(([, document]) => document));
  });
  for (const [i, [what, , path]] of bad.entries()) test(what, () => assert.deepEqual(errors[i], [path]));
});

describe('against conversion', () => {
  const folder = join(import.meta.dirname, '../../../../../shared/testdata/alloy/otelcolconvert');
  const isThere = existsSync(folder);
  const reason = skip !== false ? skip : isThere ? false : `${folder} is not there`;
  test('what can be converted without an error is good', { skip: reason }, () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    const good = names.filter((name) => {
      const bytes = readFileSync(join(folder, name));
      const { text, diagnostics } = convertCollector([{ name, bytes }], { components: COMPONENTS.values() });
      return text !== null && diagnostics.length === 0;
    });
    assert.ok(good.length > 0, 'nothing of it can be converted');
    const errors = errorsOf(...good.map((name) => parse(readFileSync(join(folder, name), 'utf8')) as unknown));
    assert.deepEqual(
      good.map((name, i) => [name, errors[i]]),
      good.map((name) => [name, []]),
    );
  });
});

test('every reference has a definition, and every field a description', () => {
  const definitions = Object.keys((SCHEMA as { $defs: object }).$defs);
  const look = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === '$ref') assert.ok(definitions.includes(String(value).replace('#/$defs/', '')), String(value));
      look(value);
    }
  };
  look(SCHEMA);
  const { properties } = SCHEMA as {
    properties: { exporters: { patternProperties: Record<string, { properties: object }> } };
  };
  for (const [name, { properties: fields }] of Object.entries(properties.exporters.patternProperties))
    for (const [field, value] of Object.entries(fields)) {
      const { description, properties } = value as { description?: string; properties?: object };
      assert.ok(description !== undefined || properties !== undefined, `${name} ${field}`);
    }
});
