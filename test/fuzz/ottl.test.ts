/**
 * Scenario: texts of all kinds as OTTL, near ones made of its own pieces. Guarantee: whatever comes, it is parsed and compiled or
 * refused with a place inside the text; nothing else is thrown. What is compiled gives a value or fails as an expression does.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ContextName } from '#ottl/context.ts';
import { EvaluationError, OttlError } from '#ottl/error.ts';
import { compileCondition, compileValue, checkStatement } from '#ottl/expression.ts';
import { CONVERTERS } from '#ottl/functions/library.ts';
import { Telemetry } from '#ottl/telemetry.ts';
import { requestOf, text } from '#test/support/ottl.ts';
import { Walker } from '#components/kit/derive/walk.ts';
import { TRACES } from '#shared/signal.ts';

const PATHS = 'name kind attributes["a"] resource.attributes status.code start_time trace_id events'.split(' ');
const LITERALS = '1 -1 0 1.5 .5 9223372036854775807 "a" "\\n" "" nil true false 0x00 [] {}'.split(' ');
const MARKS = '== != < >= + - * / and or not where = , . : ( ) [ ] { }'.split(' ');
const NAMES = ['SPAN_KIND_SERVER', 'STATUS_CODE_ERROR', ...Array.from(CONVERTERS.keys(), (name) => `${name}(`)];
const NOISE = ['"', "'", '\\', '\u00e4', '\u{1F600}', '\0', '\n', '\ud800'];
const PIECES = [...PATHS, ...LITERALS, ...MARKS, ...NAMES, ...NOISE];
const CONTEXTS: readonly ContextName[] = ['span', 'spanevent', 'metric', 'datapoint', 'log', 'resource', 'scope'];
const near = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(' '));
const any = fc.string({ maxLength: 60, unit: 'binary' });

const REQUEST = requestOf(TRACES, [{ name: 'x', kind: 2, attributes: [text('a', 'b')] }]);

function onSpan(run: (t: Telemetry) => unknown): void {
  const t = new Telemetry();
  new Walker(t).walk(TRACES, REQUEST, { span: () => void run(t) });
}

function tried(source: string, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof EvaluationError) return;
    assert.ok(thrown instanceof OttlError, `${JSON.stringify(source)}: ${String(thrown)}`);
    assert.ok(thrown.start >= 0 && thrown.start <= thrown.end && thrown.end <= source.length, JSON.stringify(source));
    assert.ok(thrown.located.length > 0 && thrown.pointed.length > 0);
  }
}

describe('OTTL', () => {
  it('parses or refuses, with a place', () => {
    fc.assert(
      fc.property(fc.oneof(near, any), fc.constantFrom(...CONTEXTS), (source, context) => {
        tried(source, () => void compileCondition(source, context));
        tried(source, () => void compileValue(source, context));
        tried(source, () => void checkStatement(source));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a value or fails as an expression does', () => {
    const leaf = fc.constantFrom(...PATHS, ...LITERALS);
    const operand = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        leaf,
        fc.tuple(tie('value'), fc.constantFrom('+', '-', '*', '/'), tie('value')).map((parts) => parts.join(' ')),
        fc
          .tuple(fc.constantFrom(...CONVERTERS.keys()), fc.array(tie('value'), { maxLength: 3 }))
          .map(([converter, args]) => `${converter}(${args.join(', ')})`),
        tie('value').map((value) => `(${value})`),
        tie('value').map((value) => `[${value}]`),
      ),
    })).value;
    fc.assert(
      fc.property(operand, operand, fc.constantFrom('==', '<', '>=', '!='), (left, right, operator) => {
        tried(left, () => onSpan(compileValue(left, 'span').get));
        const condition = `${left} ${operator} ${right}`;
        tried(condition, () => onSpan(compileCondition(condition, 'span')));
      }),
      { numRuns: 3000 },
    );
  });
});
