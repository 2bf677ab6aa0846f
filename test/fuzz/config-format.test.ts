/**
 * Scenario: files made of random pieces, good and damaged ones, are formatted. Guarantees: formatting never throws, loses no
 * comment, leaves the tree as it was, and is a fixed point.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { format } from '#config/print/format.ts';
import { parse } from '#config/syntax/parse.ts';

const gap = fc.constantFrom('', ' ', '\t', '  ', ' /* c */ ', '/* a\n b */');
const line = fc.constantFrom('\n', '\n\n', '\n\n\n', ' // end\n', '\n// above\n', '\r\n', '\n/* x */\n');
const soft = fc.oneof({ weight: 4, arbitrary: gap }, { weight: 1, arbitrary: line });
const name = fc.constantFrom('a', 'bb', 'long_name', 'ü');

const { expr } = fc.letrec<{ expr: string }>((tie) => ({
  expr: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      '1',
      '1.5',
      '"text"',
      '`raw`',
      '`two\n\tlines  \n end`',
      'true',
      'null',
      'a.b.c',
      '-1',
      '!true',
      '"\\u00e4"',
    ),
    fc.tuple(soft, fc.array(fc.tuple(tie('expr'), soft, soft), { maxLength: 3 }), fc.boolean()).map(
      ([open, items, comma]) =>
        `[${open}${items
          .map(([e, a, b]) => `${e}${a.replace('\n', ' ')},${b}`)
          .join('')
          .replace(/,(\s*)$/, comma ? ',$1' : '$1')}]`,
    ),
    fc
      .tuple(soft, fc.array(fc.tuple(fc.oneof(name, fc.constant('"q k"')), gap, tie('expr'), soft), { maxLength: 3 }))
      .map(([open, fields]) => `{${open}${fields.map(([n, g, e, s]) => `${n}${g} = ${e},${s}`).join('')}}`),
    fc
      .tuple(soft, fc.array(tie('expr'), { maxLength: 3 }), line)
      .map(([open, args, s]) => `f.g(${open}${args.join(`,${s}`)})`),
    fc
      .tuple(tie('expr'), fc.constantFrom('+', '*', '==', '&&', '^'), tie('expr'))
      .map(([l, op, r]) => `(${l} ${op} ${r})`),
    fc.tuple(name, tie('expr')).map(([n, e]) => `${n}[${e}]`),
  ),
}));
const { body } = fc.letrec<{ body: string }>((tie) => ({
  body: fc
    .array(
      fc.oneof(
        { maxDepth: 3 },
        fc.tuple(name, gap, expr, line).map(([n, g, e, l]) => `${n}${g}= ${e}${l}`),
        fc
          .tuple(name, fc.constantFrom('', '"label"'), gap, line, tie('body'), line)
          .map(([n, l, g, open, b, end]) => `${n}.x ${l} ${g}{${open}${b}}${end}`),
        fc.tuple(name, line).map(([n, l]) => `${n} { }${l}`),
        line,
      ),
      { maxLength: 5 },
    )
    .map((statements) => statements.join('')),
}));

/** Everything but positions. */
function shape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shape);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== 'start' && key !== 'end')
      .map(([key, value]) => [key, shape(value)]),
  );
}

function check(text: string): void {
  const before = parse('f', text);
  const { text: once } = format('f', text);
  if (before.diagnostics.length > 0) return assert.equal(once, null);
  assert.ok(once !== null);
  const after = parse('f', once);
  assert.deepEqual(after.diagnostics, [], once);
  assert.deepEqual(shape(after.file.body), shape(before.file.body), once);
  const comments = (parsed: typeof before): string[] =>
    parsed.file.comments.map((c) => c.text.replaceAll(/[\r\t ]+$/gm, ''));
  assert.deepEqual(comments(after), comments(before), once);
  assert.equal(format('f', once).text, once);
}

test('good files', () => fc.assert(fc.property(body, check), { numRuns: 1500 }));

test('damaged files', () =>
  fc.assert(
    fc.property(
      body,
      fc.nat(),
      fc.constantFrom('', '\n', '"', '`', '/*', '//', '{', ']', ',', '\u0000', '\ud800', '\ufeff'),
      (text, at, damage) => {
        const place = text.length === 0 ? 0 : at % text.length;
        check(text.slice(0, place) + damage + text.slice(place + (damage === '' ? 1 : 0)));
      },
    ),
    { numRuns: 1500 },
  ));
