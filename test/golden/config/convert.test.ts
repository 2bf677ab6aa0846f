/**
 * Scenario: Alloy's own cases of converting Collector YAML. Guarantees: where millrace has every component of a case, the
 * expected configuration comes out byte for byte, with the expected remarks. Where it has not, the case is refused with reasons;
 * and with stand-ins for what is missing, blocks, labels, order and outputs are the expected ones all the same.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { convertCollector, type Converted, type Convertible } from '#config/convert/convert.ts';
import { format } from '#config/print/format.ts';
import type { Counterpart } from '#config/schema/otelcol.ts';
import { body } from '#config/schema/schema.ts';
import type { BlockStatement } from '#config/syntax/ast.ts';
import { parse } from '#config/syntax/parse.ts';

const ROOT = join(import.meta.dirname, '../../../../shared/testdata/alloy/otelcolconvert');
const skip = existsSync(ROOT) ? false : `Alloy's test data is not beside the checkout (${ROOT})`;
const FILES = skip === false ? globSync('**/*.yaml', { cwd: ROOT }).sort() : [];
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const readIf = (file: string): string | null => (existsSync(join(ROOT, file)) ? read(file) : null);
const expectedOf = (file: string): string | null => readIf(file.replace(/yaml$/, 'alloy'));
/** Told everywhere, and left out of the expectations of all but one folder. */
const EVERYWHERE = /service\/telemetry\/(logs\/sampling|metrics\/readers) configuration/;

function convert(file: string, components: Iterable<Convertible> = COMPONENTS.values()): Converted {
  return convertCollector([{ name: basename(file), bytes: readFileSync(join(ROOT, file)) }], { components });
}

function blocksOf(text: string | null): BlockStatement[] {
  return text === null ? [] : parse('x', text).file.body.filter((s) => s.kind === 'block');
}

function missingOf(file: string): string[] {
  const names = blocksOf(expectedOf(file)).map(({ name }) => name.text);
  return [...new Set(names)].filter((name) => name.includes('.') && !COMPONENTS.has(name));
}

describe('the conversion cases', { skip }, () => {
  for (const file of FILES) {
    const missing = missingOf(file);
    if (missing.length === 0)
      test(file, () => {
        const { text, remarks } = convert(file);
        assert.equal(text, expectedOf(file));
        const told = remarks
          .filter(
            ({ grade, message }) =>
              grade !== 'Info' && (file.startsWith('otelcol_telemetry/') || !EVERYWHERE.test(message)),
          )
          .map(({ grade, message }) => `(${grade}) ${message}`);
        const diags = (readIf(file.replace(/yaml$/, 'diags')) ?? '').split('\n').filter((line) => line !== '');
        assert.deepEqual(told, diags);
      });
    else
      test(`${file} is refused with reasons: ${missing.join(', ')} not there yet`, () => {
        const { text, diagnostics } = convert(file);
        assert.equal(text, null);
        assert.match(diagnostics.map((d) => d.message).join('\n'), /not available yet/);
      });
  }
  for (const file of FILES) {
    const expected = expectedOf(file);
    if (expected === null || missingOf(file).length === 0) continue;
    test(`${file} has the expected blocks, with stand-ins for ${missingOf(file).join(', ')}`, () => {
      const { text, diagnostics } = convert(file, [...COMPONENTS.values(), ...STAND_INS]);
      assert.ok(text !== null, JSON.stringify(diagnostics));
      const wanted = blocksOf(expected).filter(({ name }) => name.text !== 'local.file');
      const made = blocksOf(text);
      assert.deepEqual(made.map(headOf), wanted.map(headOf));
      wanted.forEach((block, i) => {
        const output = outputOf(expected, block);
        if (output !== '') assert.equal(outputOf(text, made[i]), output, headOf(block));
      });
    });
  }
});

const headOf = ({ name, label }: BlockStatement): string => `${name.text}.${label?.text ?? ''}`;

function outputOf(text: string, { body: statements }: BlockStatement): string {
  const output = statements.find(({ name }) => name.text === 'output');
  return output === undefined ? '' : (format('x', text.slice(output.start, output.end)).text ?? '');
}

/** Take any settings and write none. Where the names of both worlds differ, both are given. */
const STAND_INS: readonly Convertible[] = Object.entries({
  receiver: `awscloudwatch awsecscontainermetrics cloudflare datadog faro filelog filestats:file_stats fluentforward influxdb
    jaeger kafka nginx splunk_hec:splunkhec tcplog zipkin`,
  processor: `deltatocumulative filter groupbyattrs k8sattributes memory_limiter redaction span transform`,
  exporter: `datadog faro file kafka splunk_hec:splunkhec`,
  connector: `count service_graph:servicegraph signaltometrics signal_to_metrics:signaltometrics spanmetrics
    span_metrics:spanmetrics`,
  extension: `basicauth:auth.basic bearertokenauth:auth.bearer headers_setter:auth.headers sigv4auth:auth.sigv4
    file_storage:storage.file`,
}).flatMap(([kind, types]) =>
  types.split(/\s+/).map((names): Convertible => {
    const [type, name = type] = names.split(':');
    return {
      name: kind === 'extension' ? `otelcol.${name}` : `otelcol.${kind}.${name}`,
      args: body(kind === 'extension' || kind === 'exporter' ? {} : { output: outputBlock }),
      otelcol: {
        kind: kind as Counterpart['kind'],
        type,
        reshape: (config) => ({ ...config, entries: new Map() }),
      },
    };
  }),
);
