import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLogfmt, writeLogfmt } from '#text/logfmt.ts';

const READ: readonly [line: string, pairs: Record<string, string>, problem?: RegExp][] = [
  ['a=1 b="two words" c', { a: '1', b: 'two words', c: '' }],
  ['  a=  b=x\t', { a: '', b: 'x' }],
  [String.raw`msg="say \"hi\"\n\u00e9\/" x=\n`, { msg: 'say "hi"\né/', x: '\\n' }],
  ['it="\\\'s"', { it: "'s" }],
  ['plain words are keys', { plain: '', words: '', are: '', keys: '' }],
  ['', {}],
  ['a=1 =2', { a: '1' }, /unexpected '='/],
  ['a=1 "b"', { a: '1' }, /unexpected '"'/],
  ['a=1=2', {}, /unexpected '='/],
  ['a="x', {}, /unterminated/],
  ['a="\\q"', {}, /invalid quoted/],
  ['a\ufffd=1', {}, /invalid key/],
];

for (const [line, pairs, problem] of READ) {
  test(`logfmt: ${JSON.stringify(line)}`, () => {
    const read = readLogfmt(line, 'all');
    assert.deepEqual(Object.fromEntries(read.pairs), pairs);
    if (problem === undefined) assert.equal(read.problem, null);
    else assert.match(read.problem ?? '', problem);
  });
}

test('logfmt of several lines: all, or the first', () => {
  assert.deepEqual(readLogfmt('a=1\r\nb=2\n\nc=3', 'all').pairs, [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ]);
  assert.deepEqual(readLogfmt('a=1\nb="', 'first'), { pairs: [['a', '1']], problem: null });
});

test('a line of megabytes is no logfmt, as for Go', () => {
  assert.match(readLogfmt(`a=${'x'.repeat(5_000_000)}`, 'all').problem ?? '', /longer than 65536 bytes/);
  assert.equal(readLogfmt(`a=${'x'.repeat(60_000)}`, 'all').problem, null);
});

test('logfmt is written with quotes where they are needed', () => {
  const value = (text: string, isText = true): string => writeLogfmt([{ key: 'k', value: text, isText }])!.slice(2);
  assert.equal(value('plain'), 'plain');
  assert.equal(value('back\\slash'), 'back\\slash');
  assert.equal(value(''), '');
  assert.equal(value('two words'), '"two words"');
  assert.equal(value('a=b'), '"a=b"');
  assert.equal(value('"\\\n\r\t\u0001\u007f é'), String.raw`"\"\\\n\r\t\u0001\u007f é"`);
  assert.equal(value('\ufffd'), String.raw`"\ufffd"`);
  assert.equal(value('null'), '"null"');
  assert.equal(value('null', false), 'null');
  assert.equal(
    writeLogfmt([
      { key: 'a b="c"', value: '1', isText: true },
      { key: 'é', value: '2', isText: true },
    ]),
    'abc=1 é=2',
  );
  assert.equal(writeLogfmt([{ key: ' =', value: '1', isText: true }]), null);
});

test('what is written reads back', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 }).map((one) => one.toWellFormed());
  const key = fc.stringMatching(/^[a-z._-]{1,8}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(key, text), { maxLength: 5 }), (pairs) => {
      const line = writeLogfmt(pairs.map(([name, value]) => ({ key: name, value, isText: true })));
      assert.deepEqual(readLogfmt(line!, 'all'), { pairs, problem: null });
    }),
  );
});
