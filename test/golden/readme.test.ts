/**
 * The tables of arguments in every component's README are those of its schema. `MILLRACE_UPDATE_GOLDEN=1 npm test --
 * test/golden/readme.test.ts` writes them.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { reference } from '#config/schema/reference.ts';

const START = '<!-- prettier-ignore-start -->\n<!-- generated from schema.ts -->\n';
const END = '\n<!-- prettier-ignore-end -->\n';
const HEADING = '## Arguments and blocks\n\n';

for (const component of COMPONENTS.values()) {
  test(`${component.name}: the README shows its arguments`, () => {
    const file = join(import.meta.dirname, '../../src/components', component.name.replaceAll('.', '/'), 'README.md');
    const text = readFileSync(file, 'utf8');
    const at = text.indexOf(HEADING);
    const end = text.indexOf(END, at);
    const wanted = HEADING + START + reference(component.args) + END;
    if (process.env['MILLRACE_UPDATE_GOLDEN'] === '1') {
      writeFileSync(file, at < 0 ? `${text}\n${wanted}` : text.slice(0, at) + wanted + text.slice(end + END.length));
      return;
    }
    assert.notEqual(at, -1, `${file} has no section "Arguments and blocks"`);
    assert.equal(text.slice(at, end + END.length), wanted);
  });
}
