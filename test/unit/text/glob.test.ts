import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Glob, GlobError } from '#text/glob.ts';

const matching = (pattern: string, ...texts: string[]): string[] => {
  const glob = new Glob(pattern, '.');
  return texts.filter((text) => glob.test(text));
};

describe('glob', () => {
  it('stars stop at the separator, two of them do not', () => {
    const names = ['http.', 'http.method', 'http.request.method', 'http', 'xhttp.a', 'http.a\nb'];
    assert.deepEqual(matching('http.*', ...names), ['http.', 'http.method', 'http.a\nb']);
    assert.deepEqual(matching('http.**', ...names), ['http.', 'http.method', 'http.request.method', 'http.a\nb']);
    assert.deepEqual(matching('*.method', ...names), ['http.method']);
    assert.deepEqual(matching('**method', ...names), ['http.method', 'http.request.method']);
    assert.deepEqual(matching('***', ...names), names);
  });

  it('question marks are one character', () => {
    assert.deepEqual(matching('a?c', 'abc', 'a.c', 'ac', 'a😀c', 'abbc'), ['abc', 'a😀c']);
  });

  it('sets are one of their characters', () => {
    assert.deepEqual(matching('[a-cx]1', 'a1', 'c1', 'd1', 'x1', '-1'), ['a1', 'c1', 'x1']);
    assert.deepEqual(matching('[!a-c]', 'a', 'd', '^'), ['d', '^']);
    assert.deepEqual(matching('[^]', '^', 'a'), ['^']);
    assert.deepEqual(matching('[a\\]-]', ']', '-', 'a', '\\'), [']', '-', 'a']);
  });

  it('braces are one of their patterns', () => {
    assert.deepEqual(matching('{http,db.*}.{a,}', 'http.a', 'db.x.a', 'db.x.', 'db.a', 'http.b'), [
      'http.a',
      'db.x.a',
      'db.x.',
    ]);
    assert.deepEqual(matching('{a{b,c},d}', 'ab', 'ac', 'd', 'a'), ['ab', 'ac', 'd']);
  });

  it('everything else is itself', () => {
    assert.deepEqual(matching('a+b(c)|$^\\*\\{', 'a+b(c)|$^*{', 'aab(c)'), ['a+b(c)|$^*{']);
    assert.deepEqual(matching('a,b', 'a,b'), ['a,b']);
    assert.deepEqual(matching('', '', 'a'), ['']);
  });

  it('says what is wrong', () => {
    const why = (pattern: string): string => {
      try {
        new Glob(pattern, '.');
        return '';
      } catch (thrown) {
        assert.ok(thrown instanceof GlobError);
        return thrown.message;
      }
    };
    assert.equal(why('a{b'), 'invalid glob "a{b": a "{" without a "}"');
    assert.equal(why('a}'), 'invalid glob "a}": a "}" without a "{"');
    assert.equal(why('[a'), 'invalid glob "[a": a "[" without a "]"');
    assert.equal(why('a\\'), 'invalid glob "a\\": a "\\" at the end');
    assert.equal(why('[z-a]'), 'invalid glob "[z-a]": it is too large, or has an empty range');
  });

  it('of many stars takes its time in proportion to the text', () => {
    assert.deepEqual(matching('**a'.repeat(50), 'a'.repeat(20_000) + 'b'), []);
  });
});
