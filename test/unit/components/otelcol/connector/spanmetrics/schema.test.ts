import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args } from '#components/otelcol/connector/spanmetrics/schema.ts';
import { decodeArgs } from '#test/support/decode-args.ts';
import { withHistogram } from './spans.ts';

const problems = (config: string): string[] => decodeArgs(args, config).problems.map((p) => p.replace(/^\d+: /, ''));
const wrong = (rest: string, ...messages: string[]): void => assert.deepEqual(problems(withHistogram(rest)), messages);

describe('arguments', () => {
  it('need one kind of histogram', () => {
    const either = 'either exponential or explicit histogram configuration must be specified';
    assert.deepEqual(problems('output { }'), ['missing required block "histogram"']);
    assert.deepEqual(problems(withHistogram('', '')), [either]);
    assert.deepEqual(problems(withHistogram('', 'disable = true')), [either]);
    assert.deepEqual(problems(withHistogram('', 'explicit { }\nexponential { }')), [
      'only one of exponential or explicit histogram configuration can be specified',
    ]);
    assert.deepEqual(problems(withHistogram('', 'exponential {\nmax_size = 0\n}')), [
      'max_size must be greater than 0',
    ]);
    assert.deepEqual(problems(withHistogram('')), []);
  });

  it('name a dimension by name or by glob', () => {
    wrong('dimension { }', 'exactly one of name or glob must be set');
    wrong('dimension {\nname = "a"\nglob = "b"\n}', 'exactly one of name or glob must be set');
    wrong('dimension {\nglob = "b"\ndefault = "x"\n}', 'default can only be set together with name');
    wrong('dimension { glob = "a[" }', 'invalid glob "a[": a "[" without a "]"');
  });

  it('name no dimension twice, and none that is always there', () => {
    const twice = (what: string, name: string): string =>
      `failed validating ${what}: duplicate dimension name "${name}"`;
    wrong('dimension { name = "span.kind" }', twice('dimensions', 'span.kind'));
    wrong('dimension { name = "a" }\ndimension { name = "a" }', twice('dimensions', 'a'));
    wrong('calls_dimension { name = "status.code" }', twice('calls dimensions', 'status.code'));
    wrong('events {\nenabled = true\ndimension { name = "span.name" }\n}', twice('event dimensions', 'span.name'));
    assert.deepEqual(problems(withHistogram('', 'explicit { }\ndimension { name = "service.name" }')), [
      twice('histogram dimensions', 'service.name'),
    ]);
    wrong(
      'dimension { glob = "span.*" }',
      'failed validating dimensions: dimension glob "span.*" matches dimension name "span.name"',
      'failed validating dimensions: dimension glob "span.*" matches dimension name "span.kind"',
    );
    wrong(
      'dimension { name = "http.a" }\ndimension { glob = "http.*" }',
      'failed validating dimensions: dimension glob "http.*" matches dimension name "http.a"',
    );
    wrong('dimension { name = "http.a.b" }\ndimension { glob = "http.*" }');
    wrong('dimension { name = "a" }\ncalls_dimension { name = "a" }');
  });

  it('say which of the dimensions is wrong', () => {
    const all = ['dimension { name = "a" }', 'dimension { name = "a" }', 'dimension { glob = "a*" }'].join('\n');
    const lines = decodeArgs(args, `${all}\nhistogram {\nexplicit { }\n}\noutput { }`).problems;
    assert.deepEqual(
      lines.map((line) => line.replace(/failed.*: /, '')),
      ['2: duplicate dimension name "a"', '3: dimension glob "a*" matches dimension name "a"'],
    );
  });

  it('need a dimension where events are counted', () => {
    wrong('events { enabled = true }', 'failed validating event dimensions: no dimensions configured for events');
    wrong('events { dimension { name = "span.name" } }');
  });

  it('have numbers in their range', () => {
    wrong('metrics_flush_interval = "0s"', 'metrics_flush_interval must be greater than 0');
    wrong('metrics_expiration = "-1s"', 'metrics_expiration must not be negative');
    wrong('series_expiration = "-1s"', 'series_expiration must not be negative');
    wrong('aggregation_cardinality_limit = -1', 'aggregation_cardinality_limit must not be negative');
    wrong('resource_metrics_cache_size = 0', 'resource_metrics_cache_size must be greater than 0');
    wrong('metric_timestamp_cache_size = 0');
    wrong(
      'metric_timestamp_cache_size = 0\naggregation_temporality = "DELTA"',
      'invalid delta timestamp cache size: 0, the maximum number of the items in the cache should be positive',
    );
  });
});
