/** XML and XPath on anything: trees come back as they were, and what is none fails as it should. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EvaluationError } from '#ottl/error.ts';
import { node, written, type XmlNode } from '#ottl/xml/node.ts';
import { parseXml } from '#ottl/xml/parse.ts';
import { compileXPath } from '#ottl/xml/xpath.ts';

const name = fc.constantFrom('a', 'b', 'p:c', '\u00e4-1');
const content = fc.string({
  unit: fc.constantFrom('x', ' ', '<', '>', '&', '"', "'", '\n', '\u{1f600}'),
  minLength: 1,
});

/** Elements with attributes, texts and CDATA; no two texts beside each other, which would come back as one. */
const { element } = fc.letrec<{ element: XmlNode }>((tie) => ({
  element: fc
    .record({
      tag: name,
      attributes: fc.uniqueArray(fc.tuple(name, content), { selector: ([key]) => key, maxLength: 2 }),
      text: fc.option(content),
      cdata: fc.option(content.filter((text) => !text.includes(']]>'))),
      children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('element'), { maxLength: 3 })),
    })
    .map(({ tag, attributes, text, cdata, children }) => {
      const made = node('element', tag, '');
      made.attributes = attributes.map(([key, value]) => node('attribute', key, value));
      if (text !== null) made.children.push(node('text', '', text));
      if (cdata !== null) made.children.push(node('cdata', '', cdata));
      made.children.push(...children);
      return made;
    }),
}));

const bare = ({ kind, name: tag, data, attributes, children }: XmlNode): unknown => ({
  kind,
  tag,
  data,
  attributes: attributes.map(bare),
  children: children.map(bare),
});

describe('XML', () => {
  test('what is written is read as it was', () => {
    fc.assert(
      fc.property(element, (tree) => {
        const [read, ...more] = parseXml(written([tree])).children;
        assert.deepEqual(bare(read), bare(tree));
        assert.equal(more.length, 0);
      }),
    );
  });

  test('any text is read, or fails on that item alone', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '="',
      '"',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '&',
      ';',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          try {
            parseXml(text);
          } catch (thrown) {
            assert.ok(thrown instanceof EvaluationError, String(thrown));
          }
        },
      ),
    );
  });
});

describe('XPath', () => {
  const document = parseXml('<a n="1">x<b/><b m="2">y</b></a>');
  const word = fc.constantFrom(
    '/',
    '//',
    'a',
    '*',
    '@',
    '[',
    ']',
    '(',
    ')',
    'not(',
    'text()',
    '1',
    "'x'",
    '=',
    '|',
    '..',
    '-',
    '::',
    ' or ',
    'parent',
  );

  test('any words are a path or a mistake; a path gives nodes of the document or fails', () => {
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
        (text) => {
          const path = compileXPath(text);
          if (typeof path === 'string') return;
          try {
            assert.ok(path(document).every(({ kind }) => kind !== undefined));
          } catch (thrown) {
            assert.ok(thrown instanceof EvaluationError, String(thrown));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('nesting is bounded', () => {
    for (const text of [
      '['.repeat(1000),
      `/a${'[b'.repeat(1000)}`,
      '('.repeat(1000),
      '-'.repeat(1000),
      `1${' or 1'.repeat(1000)}`,
    ])
      assert.match(String(compileXPath(text)), /nested too deeply|step/);
  });
});
