/**
 * Scenario: Alloy's own formatter cases, and all Alloy files of the data set. Guarantees: what `alloy fmt` makes of a file is
 * what is made of it here, byte for byte; what is formatted stays as it is.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { format } from '#config/print/format.ts';

const ROOT = join(import.meta.dirname, '../../../../shared/testdata/alloy');
const skip = existsSync(ROOT) ? false : `Alloy's test data is not beside the checkout (${ROOT})`;
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
/** Some files of the data set end without a line break; the command always writes one. */
const ended = (text: string): string => text.replace(/\n*$/, '\n');

describe('the formatter cases', { skip }, () => {
  for (const file of skip === false ? globSync('fmt/*.in', { cwd: ROOT }) : []) {
    test(file, () => {
      const { text, diagnostics } = format(file, read(file));
      const error = file.replace(/in$/, 'error');
      if (existsSync(join(ROOT, error))) {
        assert.equal(text, null);
        const told = diagnostics.map((d) => d.message).join('\n');
        assert.ok(told.includes(read(error).trim()), told);
        return;
      }
      assert.equal(text, ended(read(file.replace(/in$/, 'expect'))));
    });
  }
});

describe('what is formatted stays as it is', { skip }, () => {
  const files = skip === false ? globSync(['fmt/*.expect', 'otelcolconvert/**/*.alloy'], { cwd: ROOT }) : [];
  for (const file of files) {
    if (file.endsWith('raw_string_label_error.expect')) continue;
    test(file, () => assert.equal(format(file, read(file)).text, ended(read(file))));
  }
});
