/**
 * Scenario: files with one mistake each, as people make them. Guarantees: `mistakes.txt` is what the user reads about each,
 * and one mistake is not told as several. `MILLRACE_UPDATE_GOLDEN=1` writes the text anew: read the difference before it is
 * kept.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { render } from '#config/diag/render.ts';
import { parse } from '#config/syntax/parse.ts';

const MISTAKES: readonly (readonly [what: string, text: string | Uint8Array])[] = [
  ['unterminated string', 'a {\n  b = "tempo:4317\n  c { d = true }\n}\n'],
  ['unterminated string at the end', 'a = "x'],
  ['unterminated raw string', 'a {\n  b = `tempo:4317\n  c { d = true }\n}\n'],
  ['unterminated comment', 'a {\n  b = 1\n  /* begin\n}\n'],
  ['not UTF-8', Buffer.from('a = "in\xfffo"\n// \xc3(\nb = "\xe2\x82"\nc = 1\n', 'latin1')],
  ['UTF-16', Buffer.from('\ufeffa {\n  b = 1\n}\n', 'utf16le')],
  ['byte order mark in the middle', 'a = 1\n\ufeffb = 2\n'],
  ['NUL', 'a = "x\0y"\n'],
  ['half a surrogate pair', 'a = "\ud800"\n'],
  ['CRLF', 'a {\r\n\tb = = 1\r\n}\r\n'],
  ['single quotes', "a = 'x'\n"],
  ['typographic quotes', 'a = \u201cx\u201d\n'],
  ['YAML', 'a {\n  b: 1\n}\n'],
  ['semicolon', 'a = 1;\n'],
  ['hash', '# a\n'],
  ['environment variable', 'a = ${HOME}\n'],
  ['escape', 'a = "C:\\dir"\n'],
  ['one &', 'a = b & c\n'],
  ['words for operators', 'a = b and c\n'],
  ['exponent', 'a = 1e\n'],
  ['unit', 'a = 5s\n'],
  ['hexadecimal', 'a = 0xFF\n'],
  ['separators', 'a = 1_000\n'],
  ['brace on the next line', 'a\n{\n  b = 1\n}\n'],
  ['brace too many', 'a {\n  b = 1\n}}\nc = 1\n'],
  ['brace missing', 'a {\n  b {\n    c = 1\n}\n'],
  ['bracket missing', 'a = [\n  1,\n  2,\nb = 1\nc = 2\n'],
  ['parenthesis missing', 'a = f(1,\nb = 1\nc = 2\n'],
  ['object not closed', 'a = {\n  b = 1,\nc "x" {\n  d = 1\n}\ne = 2\n'],
  ['last comma', 'a = [\n  1,\n  2\n]\nb = 2\n'],
  ['comma', 'a = [1 2]\nb = {c = 1 d = 2}\n'],
  ['comma too many', 'a = [1,, 2]\nb = {\n  c = 1,\n  ,\n}\n'],
  ['no value', 'a = \nb = 1\n'],
  ['two on a line', 'a { b = 1 c = 2 }\n'],
  ['label without quotes', 'a b { }\n'],
  ['label that is no identifier', 'a "b-c" { }\n'],
  ['block as a value', 'a = b.c "d" {\n  e = 1\n}\nf = 1\n'],
  ['nested too deeply', `a = ${'['.repeat(300)}\n`],
];

test('mistakes.txt', () => {
  const told = MISTAKES.map(([what, text]) => {
    const { file, diagnostics } = parse('file.alloy', text);
    return `## ${what}\n\n${render(diagnostics, new Map([['file.alloy', file.source.text]]))}`;
  })
    .join('\n')
    .toWellFormed();
  const golden = new URL('mistakes.txt', import.meta.url);
  if (process.env['MILLRACE_UPDATE_GOLDEN'] === '1') writeFileSync(golden, told);
  assert.equal(told, readFileSync(golden, 'utf8'));
});
