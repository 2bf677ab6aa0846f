/** Conditions and values as components use them: any of several, error modes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EvaluationError } from '#ottl/error.ts';
import { compileConditions, compileValue, type ErrorMode } from '#ottl/expression.ts';
import { parseStatement } from '#ottl/syntax/parser.ts';
import { Telemetry } from '#ottl/telemetry.ts';
import { holdsIn } from '#test/support/ottl.ts';

const FAILS = 'HasPrefix(attributes["none"], "a")';

function outcome(mode: ErrorMode, ...conditions: string[]): string {
  const told: string[] = [];
  try {
    const holds = compileConditions(conditions, 'span').holds(new Telemetry(), mode, (e) => told.push(e.message));
    return `${holds} ${told.length}`;
  } catch (thrown) {
    assert.ok(thrown instanceof EvaluationError);
    return 'thrown';
  }
}

describe('conditions', () => {
  test('none hold always, of several one has to', () => {
    assert.equal(outcome('propagate'), 'true 0');
    assert.equal(outcome('propagate', 'name == "x"'), 'false 0');
    assert.equal(outcome('propagate', 'name == "x"', 'name == ""'), 'true 0');
  });

  test('one that fails is thrown or told; the others count', () => {
    assert.equal(outcome('propagate', FAILS, 'name == ""'), 'thrown');
    assert.equal(outcome('ignore', FAILS, 'name == ""'), 'true 1');
    assert.equal(outcome('ignore', FAILS), 'false 1');
    assert.equal(outcome('silent', FAILS), 'false 1');
    assert.equal(outcome('propagate', 'name == ""', FAILS), 'true 0');
  });

  test('and, or stop where the result is clear', () => {
    assert.equal(outcome('propagate', `name == "x" and ${FAILS}`), 'false 0');
    assert.equal(outcome('propagate', `name == "" or ${FAILS}`), 'true 0');
    assert.equal(outcome('propagate', `${FAILS} or name == ""`), 'thrown');
  });

  test('a converter that gives no bool is no condition', () => {
    assert.equal(holdsIn('span', {}, 'Len(name)'), 'error: a condition is a bool, got int');
    assert.equal(holdsIn('span', {}, 'not IsMatch(name, "x")'), true);
    assert.equal(holdsIn('span', {}, '(IsMatch(name, "")) and (true)'), true);
  });
});

test('failures carry no stack: with data that never fits they come for every item', () => {
  const limit = Error.stackTraceLimit;
  assert.throws(
    () => compileValue('Len(kind)', 'span').get(new Telemetry()),
    (error) => error instanceof EvaluationError && !/\n\s+at /.test(error.stack ?? ''),
  );
  assert.equal(Error.stackTraceLimit, limit);
});

test('statements are checked as text', () => {
  assert.equal(parseStatement('set(name, "x") where kind == 1').editor.name, 'set');
});
