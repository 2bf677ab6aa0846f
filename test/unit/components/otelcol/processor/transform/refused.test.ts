/** Statements with functions of the transform processor that cannot be, and that each function has its test. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { EDITORS, OWN_EDITORS } from '#components/otelcol/processor/transform/functions.ts';
import { OttlError } from '#ottl/error.ts';
import { compileStatement } from '#ottl/expression.ts';

describe('statements that cannot be', () => {
  for (const [context, text, message] of [
    ['span', 'convert_sum_to_gauge()', 'convert_sum_to_gauge is not for the context span, only for metric'],
    ['datapoint', 'convert_sum_to_gauge()', 'convert_sum_to_gauge is not for the context datapoint, only for metric'],
    [
      'metric',
      'merge_histogram_buckets(0.5)',
      'merge_histogram_buckets is not for the context metric, only for datapoint',
    ],
    [
      'metric',
      'convert_summary_sum_val_to_sum("delta", true)',
      'convert_summary_sum_val_to_sum is not for the context metric, only for datapoint',
    ],
    ['metric', 'set_semconv_span_name("1.37.0")', 'set_semconv_span_name is not for the context metric, only for span'],
    ['metric', 'convert_sum_to_gauge(1)', 'convert_sum_to_gauge takes no arguments'],
    ['metric', 'convert_gauge_to_sum("none", true)', 'there is no aggregation temporality "none"'],
    ['metric', 'convert_gauge_to_sum("delta")', 'convert_gauge_to_sum lacks its argument `monotonic`'],
    ['metric', 'convert_gauge_to_sum("delta", "true")', 'convert_gauge_to_sum takes true or false as `monotonic`'],
    ['metric', 'convert_gauge_to_sum(name, true)', 'convert_gauge_to_sum takes a string literal as `string_agg_temp`'],
    ['metric', 'extract_sum_metric(true, 1)', 'extract_sum_metric takes a string literal as `suffix`'],
    ['metric', 'extract_percentile_metric(0.0)', 'the percentile is greater than 0 and less than 100, got 0'],
    ['metric', 'extract_percentile_metric(100.0)', 'the percentile is greater than 0 and less than 100, got 100'],
    ['metric', 'extract_percentile_metric(50)', 'extract_percentile_metric takes a double literal as `percentile`'],
    ['metric', 'scale_metric(10)', 'scale_metric takes a double literal as `multiplier`'],
    ['metric', 'scale_metric(10.0, 1)', 'scale_metric takes a string as `unit`, got int'],
    ['metric', 'aggregate_on_attributes("avg")', 'there is no aggregation "avg"'],
    ['metric', 'aggregate_on_attributes("Sum")', 'there is no aggregation "Sum"'],
    [
      'metric',
      'aggregate_on_attributes("sum", "a")',
      'aggregate_on_attributes takes a list of string literals as `attributes`',
    ],
    [
      'metric',
      'aggregate_on_attribute_value("sum", "a", [1], "b")',
      'aggregate_on_attribute_value takes a list of string literals as `values`',
    ],
    ['datapoint', 'merge_histogram_buckets(nil)', 'merge_histogram_buckets takes a number as `target_value`'],
    ['datapoint', 'merge_histogram_buckets(0, "limit_buckets")', 'the limit of buckets is a positive integer, got 0'],
    [
      'datapoint',
      'merge_histogram_buckets(1.5, "limit_buckets")',
      'the limit of buckets is a positive integer, got 1.5',
    ],
    ['datapoint', 'merge_histogram_buckets(1, "other")', 'the method is one of remove_explicit_bound, limit_buckets'],
    [
      'metric',
      'convert_exponential_histogram_to_histogram("lower", [1.0])',
      'the distribution is one of upper, midpoint, uniform, random',
    ],
    ['metric', 'convert_exponential_histogram_to_histogram("upper", [])', 'there has to be a bound'],
    ['metric', 'convert_exponential_histogram_to_histogram("upper", [1])', 'the bounds are a list of double literals'],
    ['metric', 'convert_exponential_histogram_to_histogram("upper", [2.0, 1.0])', 'the bounds have to rise'],
  ] as const)
    test(text, () => {
      assert.throws(
        () => compileStatement(text, context, undefined, EDITORS),
        (error) => error instanceof OttlError && error.message === message,
      );
    });
});

test('every editor of its own is tried', async () => {
  const folder = new URL('.', import.meta.url);
  const files = (await readdir(folder)).filter((file) => file !== 'refused.test.ts');
  const sources = (await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))).join('');
  const missing = OWN_EDITORS.filter(({ name }) => !sources.includes(`${name}(`));
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});
