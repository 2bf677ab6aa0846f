/**
 * docs/reference is what the declarations say. `MILLRACE_UPDATE_GOLDEN=1 npm test -- test/golden/reference.test.ts` writes it.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parse } from '#config/syntax/parse.ts';
import { referencePages } from '#test/support/reference-pages.ts';

const FOLDER = join(import.meta.dirname, '../../docs/reference');
const pages = referencePages();

if (process.env['MILLRACE_UPDATE_GOLDEN'] === '1') {
  rmSync(FOLDER, { recursive: true, force: true });
  for (const [path, text] of pages) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true });
    writeFileSync(join(FOLDER, path), text);
  }
}

test('the pages are those of the declarations, no more and no fewer', () => {
  const there = existsSync(FOLDER) ? globSync('**/*.md', { cwd: FOLDER }).sort() : [];
  assert.deepEqual(there, [...pages.keys()].sort());
  for (const [path, text] of pages) assert.equal(readFileSync(join(FOLDER, path), 'utf8'), text, path);
});

test('links between pages lead somewhere', () => {
  for (const [path, text] of pages)
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      assert.ok(existsSync(join(FOLDER, dirname(path), link)), `${path} links to ${link}`);
});

test('what the pages show as configuration can be parsed', () => {
  for (const [path, text] of pages)
    for (const [, code] of path === 'stdlib.md' ? [] : text.matchAll(/^```alloy\n([\s\S]*?)^```/gm)) {
      const { diagnostics } = parse(path, code.replaceAll('[...]', '[]'));
      assert.deepEqual(diagnostics, [], path);
    }
});
