/** The examples of the guide about tests of pipelines pass, and are formatted. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { format } from '#config/print/format.ts';
import { traceTest } from '#test/support/test-command.ts';

const FOLDER = join(import.meta.dirname, '../../docs/guides/testing-pipelines');
const GUIDE = readFileSync(`${FOLDER}.md`, 'utf8');

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.test.yaml')))
  test(file, async () => {
    const { code, out, err } = await traceTest(join(FOLDER, file));
    assert.equal(code, 0, `${out}${err}`);
    assert.ok(GUIDE.includes(`(testing-pipelines/${file})`), 'the guide does not lead to it');
  });

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.alloy')))
  test(file, () => {
    const bytes = readFileSync(join(FOLDER, file));
    assert.equal(format(file, bytes).text, bytes.toString());
  });
