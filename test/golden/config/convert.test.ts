/**
 * Scenario: Alloy's own cases of converting Collector YAML. Guarantees: where millrace has every component of a case, the
 * expected configuration comes out byte for byte, with the expected remarks; no case makes the conversion throw.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector } from '#config/convert/convert.ts';
import { format } from '#config/print/format.ts';

const ROOT = join(import.meta.dirname, '../../../../shared/testdata/alloy/otelcolconvert');
const skip = existsSync(ROOT) ? false : `Alloy's test data is not beside the checkout (${ROOT})`;
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const readIf = (file: string): string | null => (existsSync(join(ROOT, file)) ? read(file) : null);
/** Told everywhere, and left out of the expectations of all but one folder. */
const EVERYWHERE = /service\/telemetry\/(logs\/sampling|metrics\/readers) configuration/;

function missingOf(expected: string | null): string[] {
  const names = [...(expected ?? '').matchAll(/^([a-z]+\.[\w.]+)/gm)].map(([, name]) => name);
  return [...new Set(names)].filter((name) => !COMPONENTS.has(name));
}

describe('the conversion cases', { skip }, () => {
  for (const file of skip === false ? globSync('**/*.yaml', { cwd: ROOT }).sort() : []) {
    const expected = readIf(file.replace(/yaml$/, 'alloy'));
    const missing = missingOf(expected);
    const convert = (): ReturnType<typeof convertCollector> =>
      convertCollector([{ name: basename(file), bytes: readFileSync(join(ROOT, file)) }], {
        components: COMPONENTS.values(),
      });
    if (missing.length === 0)
      test(file, () => {
        const { text, remarks } = convert();
        assert.equal(text, expected === null ? null : format('expected', expected).text);
        const told = remarks
          .filter(
            ({ grade, message }) =>
              grade !== 'Info' && (file.startsWith('otelcol_telemetry/') || !EVERYWHERE.test(message)),
          )
          .map(({ grade, message }) => `(${grade}) ${message}`);
        const diags = (readIf(file.replace(/yaml$/, 'diags')) ?? '').split('\n').filter((line) => line !== '');
        assert.deepEqual(told, diags);
      });
    if (missing.length > 0)
      test(`${file} is refused with reasons: ${missing.join(', ')} not there yet`, () => {
        const { text, diagnostics } = convert();
        assert.equal(text, null);
        assert.match(diagnostics.map((d) => d.message).join('\n'), /not available yet/);
      });
  }
});
