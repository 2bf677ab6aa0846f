import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnostic, hasErrors } from '#config/diag/diagnostic.ts';
import { render } from '#config/diag/render.ts';

const span = (line: number, col: number, endLine: number, endCol: number) => ({
  file: 'a.alloy',
  line,
  col,
  endLine,
  endCol,
});
const show = (text: string, line: number, col: number, endLine: number, endCol: number, help?: string): string =>
  render([diagnostic('error', 'x', 'wrong', span(line, col, endLine, endCol), help)], new Map([['a.alloy', text]]));

test('place, message, source line, caret, help', () => {
  assert.equal(
    show('one = 1\ntwo = "x"\n', 2, 7, 2, 10, 'write a number'),
    ['a.alloy:2:7: error: wrong', ' 2 | two = "x"', '   |       ^^^', 'help: write a number', ''].join('\n'),
  );
});

test('a span of several lines is marked to the end of its first, a point gets one caret, also past the end', () => {
  assert.equal(show('a = [\n  1,\n]', 1, 5, 3, 2), 'a.alloy:1:5: error: wrong\n 1 | a = [\n   |     ^\n');
  assert.equal(show('a = [\n  1\n]', 2, 4, 2, 4), 'a.alloy:2:4: error: wrong\n 2 |   1\n   |    ^\n');
});

test('tabs, carriage returns, control characters, wide text', () => {
  assert.equal(
    show('\ta\t= \u001b[1m$\r\n', 1, 10, 1, 11),
    'a.alloy:1:10: error: wrong\n 1 |     a    = \ufffd[1m$\n   |                ^\n',
  );
  assert.equal(show('a = "😀" $', 1, 10, 1, 11), 'a.alloy:1:10: error: wrong\n 1 | a = "😀" $\n   |         ^\n');
});

test('of a very long line only the part around the place is shown', () => {
  const text = show(`${'a'.repeat(5000)}$${'b'.repeat(5000)}`, 1, 5001, 1, 5002);
  const [, line, caret] = text.split('\n');
  assert.ok(line.length < 200);
  assert.equal(line[caret.indexOf('^')], '$');
});

test('of very many the first errors are shown before warnings, and how many more there are', () => {
  const many = Array.from({ length: 70 }, (_, i) =>
    diagnostic(i % 2 === 0 ? 'warn' : 'error', 'x', `number ${i}`, span(i + 1, 1, i + 1, 1)),
  );
  const text = render(many, new Map());
  assert.equal(text.match(/error: /g)?.length, 35);
  assert.equal(text.match(/warning: /g)?.length, 15);
  assert.match(text, /number 29\n\n[^\n]*number 31\n\n[^\n]*number 33\n/);
  assert.match(text, /\n\nand 20 more\n$/);
});

test('several diagnostics, warnings, a file whose text is not there', () => {
  const text = render(
    [
      diagnostic('warn', 'x', 'first\n  second', span(1, 1, 1, 2)),
      diagnostic('error', 'x', 'third', { ...span(9, 1, 9, 1), file: 'b.alloy' }),
    ],
    new Map([['a.alloy', 'x']]),
  );
  assert.equal(text, 'a.alloy:1:1: warning: first second\n 1 | x\n   | ^\n\nb.alloy:9:1: error: third\n');
  assert.equal(hasErrors([diagnostic('warn', 'x', '', span(1, 1, 1, 1))]), false);
  assert.equal(hasErrors([diagnostic('error', 'x', '', span(1, 1, 1, 1))]), true);
});

test('a message that quotes half a file is cut', () => {
  const message = `a${' '.repeat(1_000_000)}b`;
  const shown = render(
    [diagnostic('error', 'x', message, { file: 'f', line: 1, col: 1, endLine: 1, endCol: 1 })],
    new Map(),
  );
  assert.ok(shown.length < 1100);
  assert.ok(shown.endsWith(' ...\n'));
});
