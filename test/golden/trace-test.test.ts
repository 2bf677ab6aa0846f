/**
 * What `millrace trace-test` prints about tests that pass, that fail, and that are none: `trace-test/X.yaml` is run,
 * `trace-test/X.expect` is what it prints and the exit code. `MILLRACE_UPDATE_GOLDEN=1 npm test -- test/golden/trace-test.test.ts` writes it.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { traceTest } from '#test/support/test-command.ts';

const FOLDER = join(import.meta.dirname, 'trace-test');

/** What is no YAML has no such name: others would try to read it. */
const FILES = readdirSync(FOLDER).filter((name) => /\.(yaml|txt)$/.test(name));

for (const file of FILES)
  test(file, async () => {
    const { code, out, err } = await traceTest(join(FOLDER, file));
    const told = `${out.replaceAll(`${FOLDER}/`, '')}${err}exit code ${code}\n`;
    const golden = join(FOLDER, file.replace(/\.\w+$/, '.expect'));
    if (process.env['MILLRACE_UPDATE_GOLDEN'] === '1') writeFileSync(golden, told);
    else assert.equal(told, readFileSync(golden, 'utf8'));
  });
