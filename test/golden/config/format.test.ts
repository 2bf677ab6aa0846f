/**
 * Scenario: Grafana Alloy's formatter cases and formatted configurations. Guarantees: millrace formats them to the same
 * bytes, changes nothing that is formatted, and refuses what is wrong with the same words.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { format } from '#config/print/format.ts';

const data = path.resolve(import.meta.dirname, '../../../../shared/testdata/alloy');
const skip = existsSync(data) ? false : `no test data at ${data}`;

function files(folder: string, end: string): string[] {
  return skip === false
    ? readdirSync(path.join(data, folder), { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith(end))
    : [];
}

function formatted(name: string, text: string): string {
  const result = format(name, text);
  assert.deepEqual(result.diagnostics, []);
  return result.text!;
}

/** `alloy fmt` ends every file with one newline; the expected files have any number. */
function withOneNewline(text: string): string {
  return `${text.trimEnd()}\n`;
}

test('formatter cases', { skip }, async (t) => {
  for (const name of files('fmt', '.in')) {
    await t.test(name, () => {
      const input = readFileSync(path.join(data, 'fmt', name), 'utf8');
      const base = path.join(data, 'fmt', name.replace(/\.in$/, ''));
      if (existsSync(`${base}.error`)) {
        const { text, diagnostics } = format(name, input);
        const words = readFileSync(`${base}.error`, 'utf8').trim();
        assert.equal(text, null);
        assert.ok(diagnostics.some((d) => d.message.includes(words)));
        return;
      }
      const expected = withOneNewline(readFileSync(`${base}.expect`, 'utf8'));
      assert.equal(formatted(name, input), expected);
      assert.equal(formatted(name, expected), expected);
      assert.equal(formatted(name, input.replaceAll('\n', '\r\n')), expected);
      assert.equal(formatted(name, `\ufeff${input}`), expected);
    });
  }
});

test('configurations that Alloy writes stay as they are', { skip }, async (t) => {
  for (const name of files('otelcolconvert', '.alloy')) {
    await t.test(name, () => {
      const text = readFileSync(path.join(data, 'otelcolconvert', name), 'utf8');
      assert.equal(formatted(name, text), withOneNewline(text));
      const flat = text.replaceAll(/^[\t ]+/gm, '').replaceAll(/^(\w+) +=/gm, '$1=');
      if (!text.includes('`')) assert.equal(formatted(name, flat), withOneNewline(text));
    });
  }
});

test('what parses is formatted, once and for all', { skip }, async (t) => {
  for (const name of files('parser/valid', '.alloy')) {
    await t.test(name, () => {
      const once = formatted(name, readFileSync(path.join(data, 'parser/valid', name), 'utf8'));
      assert.equal(formatted(name, once), once);
    });
  }
});
