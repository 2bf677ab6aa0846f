import assert from 'node:assert/strict';
import { test } from 'node:test';
import { references } from '#config/eval/references.ts';
import { parse, parseExpression } from '#config/syntax/parse.ts';

test('references of an expression, in order, with their places', () => {
  const { source, expr } = parseExpression('t', '[a.b.c + -d, e.f["g"].h(i.j, {k = (l.m)}), "n.o", list[p.q]]');
  const found = references(source, expr);
  assert.deepEqual(
    found.map((r) => r.path.join('.')),
    ['a.b.c', 'd', 'e.f', 'i.j', 'l.m', 'list', 'p.q'],
  );
  assert.deepEqual(
    found.filter((r) => r.called).map((r) => r.path.join('.')),
    [],
  );
  const calls = parseExpression('t', 'a.b(c)["d"] + e()');
  assert.deepEqual(
    references(calls.source, calls.expr).map((r) => `${r.path.join('.')} ${r.called}`),
    ['a.b true', 'c false', 'e true'],
  );
  const [first] = found;
  assert.deepEqual([first.span.col, first.span.endCol, first.spanOf(2).endCol], [2, 7, 5]);
});

test('references of a body reach into nested blocks', () => {
  const text = 'x = a.b\nouter "l" {\n  inner {\n    y = [c.d.e,\n      f]\n  }\n}\n';
  const { file } = parse('t', text);
  assert.deepEqual(
    references(file.source, file.body).map((r) => `${r.path.join('.')} ${r.span.line}:${r.span.col}`),
    ['a.b 1:5', 'c.d.e 4:10', 'f 5:7'],
  );
});

test('long chains and long lists do not overflow the stack', () => {
  const chain = parseExpression('t', `a${' + b.c'.repeat(20_000)}`);
  assert.equal(references(chain.source, chain.expr).length, 20_001);
  const list = parseExpression('t', `[${'a,'.repeat(200_000)}]`);
  assert.equal(references(list.source, list.expr).length, 200_000);
});
