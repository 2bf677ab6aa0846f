/**
 * Scenario: valid texts of any make, and damaged ones. Guarantees: a formatted text reads as the same tree with the same
 * comments in the same order, and formatting it again changes nothing; parser, renderer, formatter and evaluator never throw.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { render } from '#config/diag/render.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { scopeOf } from '#config/eval/scope.ts';
import { format } from '#config/print/format.ts';
import type { File } from '#config/syntax/ast.ts';
import { parse } from '#config/syntax/parse.ts';
import { damaged, file } from './config-texts.ts';

const data = path.resolve(import.meta.dirname, '../../../shared/testdata/alloy');
const seeds = [
  '// all\na = [1, 2, // two\n]\n\nb.c "d" {\n\te = {f = `x\ny`, "g" = -h[0](1).i}\n\t/* j */ k = !true\n}\n',
  ...(existsSync(data)
    ? readdirSync(data, { encoding: 'utf8', recursive: true })
        .filter((name) => /\.(alloy|in|expect)$/.test(name))
        .map((name) => readFileSync(path.join(data, name), 'utf8'))
    : []),
];

/** The tree without positions, and the comments. Carriage returns in raw strings and comments count for nothing. */
function content({ body, comments }: File): string {
  return JSON.stringify([body, comments.map((comment) => comment.text)], (key, value: unknown) =>
    key === 'start' || key === 'end' ? undefined : typeof value === 'string' ? value.replaceAll('\r', '') : value,
  );
}

/** Whether the text was without mistakes. */
function check(text: string): boolean {
  const parsed = parse('fuzz', text);
  const formatted = format('fuzz', text);
  assert.deepEqual(formatted.diagnostics, parsed.diagnostics);
  const { diagnostics } = evaluateBody(parsed.file.source, parsed.file.body, scopeOf(new Map()));
  render([...parsed.diagnostics, ...diagnostics], new Map([['fuzz', text]]));
  if (formatted.text === null) return false;
  const again = parse('fuzz', formatted.text);
  assert.deepEqual(again.diagnostics, [], formatted.text);
  assert.equal(content(again.file), content(parsed.file));
  assert.equal(format('fuzz', formatted.text).text, formatted.text);
  return true;
}

test('valid texts: parse and print is a fixed point', () => {
  fc.assert(
    fc.property(file, (text) => {
      assert.ok(check(text), render(parse('fuzz', text).diagnostics, new Map([['fuzz', text]])));
    }),
    { numRuns: 1000, interruptAfterTimeLimit: 20_000 },
  );
});

test('damaged texts: a fixed point too, if they parse at all', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(...seeds), file).chain((text) => damaged(text)),
      (text) => void check(text),
    ),
    { numRuns: 1000, interruptAfterTimeLimit: 20_000 },
  );
});

test('damaged bytes', () => {
  const bytes = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) => {
      const damage = Buffer.from(text);
      for (const [at, byte] of changes) damage[at % damage.length] = byte;
      return damage;
    });
  fc.assert(
    fc.property(bytes, (input) => {
      const { text, diagnostics } = format('fuzz', input);
      assert.equal(text === null, diagnostics.length > 0);
    }),
    { numRuns: 300, interruptAfterTimeLimit: 10_000 },
  );
});
