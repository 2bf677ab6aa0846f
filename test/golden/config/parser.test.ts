/**
 * Scenario: the parser cases of Grafana Alloy. Guarantees: what Alloy accepts is accepted, and each of its syntax errors is
 * reported at the same place with the same words, and nothing else is.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { format } from '#config/print/format.ts';
import { parse } from '#config/syntax/parse.ts';
import { Source } from '#config/syntax/source.ts';

const data = path.resolve(import.meta.dirname, '../../../../shared/testdata/alloy');
const skip = existsSync(data) ? false : `no test data at ${data}`;

function files(folder: string, end: string): string[] {
  return skip === false
    ? readdirSync(path.join(data, folder), { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith(end))
    : [];
}

/** The marks: an ERROR comment follows the token that is wrong, ERROR HERE stands where the error is. */
function expected(name: string, text: string): { line: number; col: number; pattern: RegExp }[] {
  const source = new Source(name, text);
  return [...text.matchAll(/\/\* ERROR (HERE )?"((?:[^"\\]|\\.)*)" \*\//g)].map((mark) => {
    const before = text.slice(0, mark.index);
    const token = /(?:"[^"\n]*"|[\w]+|[^\s\w])\s*$/.exec(before);
    const at = mark[1] === undefined ? token!.index : mark.index;
    const { line, col } = source.span(at, at);
    return { line, col, pattern: new RegExp(mark[2]) };
  });
}

test('the data is there', { skip }, () => {
  assert.ok(files('parser', '.alloy').filter((n) => !n.includes(path.sep)).length >= 6);
  assert.ok(files('parser/valid', '.alloy').length >= 5);
  assert.ok(files('parser/fuzz/FuzzParser', '').length >= 3);
  assert.ok(files('fmt', '.in').length >= 10);
});

test('failing files report the marked errors', { skip }, async (t) => {
  for (const name of files('parser', '.alloy').filter((n) => !n.includes(path.sep))) {
    await t.test(name, () => {
      const text = readFileSync(path.join(data, 'parser', name), 'utf8');
      const wanted = expected(name, text);
      const { diagnostics } = parse(name, text);
      const shown = diagnostics.map((d) => `${d.span.line}:${d.span.col} ${d.message}`);
      assert.ok(wanted.length > 0);
      assert.equal(diagnostics.length, wanted.length, shown.join('\n'));
      wanted.forEach((error, i) => {
        const { span, message } = diagnostics[i];
        assert.deepEqual([span.line, span.col], [error.line, error.col], shown[i]);
        assert.match(message, error.pattern);
      });
    });
  }
});

test('valid files parse', { skip }, async (t) => {
  for (const name of files('parser/valid', '.alloy')) {
    await t.test(name, () =>
      assert.deepEqual(parse(name, readFileSync(path.join(data, 'parser/valid', name))).diagnostics, []),
    );
  }
});

test('formatter inputs parse, but for those with an expected error', { skip }, async (t) => {
  for (const name of files('fmt', '.in')) {
    await t.test(name, () => {
      const { diagnostics } = parse(name, readFileSync(path.join(data, 'fmt', name)));
      const error = path.join(data, 'fmt', name.replace(/\.in$/, '.error'));
      if (!existsSync(error)) return assert.deepEqual(diagnostics, []);
      const text = readFileSync(error, 'utf8').trim();
      return assert.ok(
        diagnostics.some((d) => d.message.includes(text)),
        JSON.stringify(diagnostics),
      );
    });
  }
});

test('configurations that Alloy writes parse', { skip }, async (t) => {
  for (const name of files('otelcolconvert', '.alloy')) {
    await t.test(name, () =>
      assert.deepEqual(parse(name, readFileSync(path.join(data, 'otelcolconvert', name))).diagnostics, []),
    );
  }
});

test('inputs of the fuzz corpus give diagnostics or a tree', { skip }, async (t) => {
  for (const name of files('parser/fuzz/FuzzParser', '')) {
    await t.test(name.slice(0, 8), () => {
      const corpus = readFileSync(path.join(data, 'parser/fuzz/FuzzParser', name), 'utf8');
      const input = JSON.parse(/\[\]byte\((".*")\)/.exec(corpus)![1]) as string;
      const { diagnostics } = parse(name, input);
      assert.equal(format(name, input).text === null, diagnostics.length > 0);
    });
  }
});
