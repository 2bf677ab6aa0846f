/** Which context statements and conditions stand in, where nothing but their paths and functions say so. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ContextName } from '#ottl/context.ts';
import { withEditors } from '#ottl/editors/library.ts';
import { OttlError } from '#ottl/error.ts';
import { contextOf } from '#ottl/expression.ts';
import { withConverters } from '#ottl/functions/library.ts';
import { converter, editor } from '#ottl/functions/function.ts';

const TRACES: readonly ContextName[] = ['resource', 'scope', 'span', 'spanevent'];
const METRICS: readonly ContextName[] = ['resource', 'scope', 'metric', 'datapoint'];
const LOGS: readonly ContextName[] = ['resource', 'scope', 'log'];

const nothing = () => () => undefined;
const EDITORS = withEditors(
  editor('of_metric', [], '', nothing, ['metric']),
  editor('of_point', [], '', nothing, ['datapoint']),
);
const FUNCTIONS = withConverters(converter('OfLog', [], 'any', '', () => () => null, ['log']));

const statements = (among: readonly ContextName[], ...texts: string[]): ContextName =>
  contextOf('statement', texts, among, FUNCTIONS, EDITORS);
const conditions = (among: readonly ContextName[], ...texts: string[]): ContextName =>
  contextOf('condition', texts, among, FUNCTIONS, EDITORS);

describe('statements', () => {
  for (const [among, texts, expected] of [
    [TRACES, ['set(span.name, "x")'], 'span'],
    [TRACES, ['set(resource.attributes["a"], 1)'], 'resource'],
    [TRACES, ['set(scope.name, "x")'], 'scope'],
    [TRACES, ['set(instrumentation_scope.name, "x")'], 'scope'],
    [TRACES, ['set(resource.attributes["a"], scope.name)'], 'scope'],
    [TRACES, ['set(resource.attributes["a"], span.name)'], 'span'],
    [TRACES, ['set(span.name, spanevent.name)'], 'spanevent'],
    [TRACES, ['set(span.name, "x") where spanevent.name == "y"'], 'spanevent'],
    [TRACES, ['set(span.attributes[scope.name], 1)'], 'span'],
    [TRACES, ['set(span.attributes["a"], [{"b": -(spanevent.event_index + 1)}])'], 'spanevent'],
    [TRACES, ['set(resource.attributes["a"], SPAN_KIND_SERVER)'], 'span'],
    [TRACES, ['set(span.name, "x")', 'set(resource.attributes["a"], 1)'], 'span'],
    [TRACES, ['set(span.name, "x") where not (IsMatch(spanevent.name, "x"))'], 'spanevent'],
    [METRICS, ['set(metric.name, "x")'], 'metric'],
    [METRICS, ['set(metric.name, "x") where datapoint.value_int == 1'], 'datapoint'],
    [METRICS, ['of_metric()'], 'metric'],
    [METRICS, ['of_point()'], 'datapoint'],
    [METRICS, ['of_point() where metric.name == "x"'], 'datapoint'],
    [METRICS, ['set(resource.attributes["a"], METRIC_DATA_TYPE_SUM)'], 'metric'],
    [LOGS, ['set(log.body, "x")'], 'log'],
    [LOGS, ['set(resource.attributes["a"], OfLog())'], 'log'],
    [LOGS, ['set(log.cache["a"], resource.attributes["b"])'], 'log'],
  ] as const)
    test(texts.join('; '), () => assert.equal(statements(among, ...texts), expected));
});

describe('conditions', () => {
  for (const [among, texts, expected] of [
    [TRACES, ['span.name == "a"'], 'span'],
    [TRACES, ['true'], 'resource'],
    [TRACES, ['resource.attributes["a"] == nil and scope.name == ""'], 'scope'],
    [LOGS, ['OfLog() == 1'], 'log'],
    [LOGS, ['log.body == "a"', 'resource.attributes["b"] == "c"'], 'log'],
  ] as const)
    test(texts.join('; '), () => assert.equal(conditions(among, ...texts), expected));
});

describe('what fits nowhere', () => {
  for (const [among, text, message, at] of [
    [TRACES, 'set(name, "x")', 'the path `name` does not say what it is of', [4, 8]],
    [TRACES, 'set(metric.name, "x")', 'the path `metric.name` does not say what it is of', [4, 15]],
    [LOGS, 'set(log.attributes[name], "x")', 'the path `name` does not say what it is of', [19, 23]],
    [
      METRICS,
      'of_metric() where datapoint.value_int == 1',
      'no context has all the paths, functions and enums that stand here together (datapoint)',
      [0, 42],
    ],
    [
      METRICS,
      'set(resource.attributes["a"], NO_SUCH)',
      'no context has all the paths, functions and enums that stand here together (resource)',
      [0, 38],
    ],
    [TRACES, 'set(', 'unexpected end', null],
  ] as const)
    test(text, () => {
      assert.throws(
        () => statements(among, text),
        (error) => {
          assert.ok(error instanceof OttlError);
          if (at === null) return true;
          assert.deepEqual([error.message, [error.start, error.end]], [message, at]);
          return true;
        },
      );
    });
});
