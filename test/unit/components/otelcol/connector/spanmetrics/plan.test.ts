import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerprint, type SeriesPlan } from '#components/kit/series/plan.ts';
import { seriesPlan } from '#components/otelcol/connector/spanmetrics/plan.ts';
import { args } from '#components/otelcol/connector/spanmetrics/schema.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { withHistogram } from './spans.ts';

const planOf = (rest = '', histogram?: string): SeriesPlan => seriesPlan(argsOf(args, withHistogram(rest, histogram)));
const shown = ({ groups }: SeriesPlan) =>
  groups.map(({ instruments }) => instruments.map((i) => `${i.name}|${i.kind}|${i.unit}`));

describe('plan', () => {
  it('is that of Alloy by default', () => {
    assert.deepEqual(planOf(), {
      scopeName: 'spanmetricsconnector',
      groups: [
        {
          instruments: [
            {
              name: 'traces.span.metrics.calls',
              description: '',
              unit: '',
              kind: 'sum',
              startsAtZero: true,
              exemplars: 0,
            },
            {
              name: 'traces.span.metrics.duration',
              description: '',
              unit: 'ms',
              exemplars: 0,
              kind: 'histogram',
              bounds: [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000],
            },
          ],
          limit: 0,
        },
      ],
      temporality: 'cumulative',
      flushIntervalMs: 60_000,
      startsWith: 'series',
      emitsEmpty: true,
      resourceExpirationMs: 0,
      seriesExpirationMs: 0,
      expiryIntervalMs: 0,
      resourceCacheSize: 1000,
      timestampCacheSize: 1000,
      identity: '[[[]],[],[],[],false]',
    });
  });

  it('has one group for metrics with equal dimensions, and one for each with dimensions of its own', () => {
    const [calls, duration] = ['calls|sum|', 'duration|histogram|ms'];
    const events = 'events {\nenabled = true\ndimension { name = "e" }\n}';
    assert.deepEqual(shown(planOf(`namespace = ""\n${events}`)), [[calls, duration], ['events|sum|']]);
    assert.deepEqual(shown(planOf('namespace = ""\ncalls_dimension { name = "a" }')), [[calls], [duration]]);
    assert.deepEqual(
      shown(planOf('namespace = ""\ncalls_dimension { name = "a" }', 'explicit { }\ndimension { name = "a" }')),
      [[calls, duration]],
    );
    assert.deepEqual(shown(planOf(`namespace = ""\n${events}`, 'disable = true\nexplicit { }')), [
      [calls],
      ['events|sum|'],
    ]);
  });

  it('has bounds in the unit, ascending, each once', () => {
    const { groups } = planOf('', 'unit = "s"\nexplicit {\nbuckets = ["1s", "5ms", "1s"]\n}');
    assert.deepEqual(groups[0].instruments[1].bounds, [0.005, 1]);
    assert.equal(groups[0].instruments[1].unit, 's');
  });

  it('has 2 to 16384 exponential buckets', () => {
    const sizeOf = (size: number) =>
      planOf('', `exponential {\nmax_size = ${size}\n}`).groups[0].instruments[1].maxSize;
    assert.deepEqual([1, 160, 1_000_000].map(sizeOf), [2, 160, 16_384]);
  });

  it('has exemplars where they are enabled', () => {
    const most = (config: string) => planOf(`exemplars {\n${config}\n}`).groups[0].instruments.map((i) => i.exemplars);
    assert.deepEqual(most('max_per_data_point = 3'), [0, 0]);
    assert.deepEqual(most('enabled = true'), [5, 5]);
    assert.deepEqual(most('enabled = true\nmax_per_data_point = -1'), [0, 0]);
  });

  it('is another one whenever keys mean something else', () => {
    const configs = [
      '',
      'dimension { name = "a" }',
      'dimension { glob = "a" }',
      'dimension {\nname = "a"\ndefault = "x"\n}',
      'exclude_dimensions = ["span.name"]',
      'resource_metrics_key_attributes = ["a"]',
      'include_instrumentation_scope = ["a"]',
      'include_collector_instance_id = true',
      'namespace = "x"',
    ];
    assert.equal(new Set(configs.map((config) => fingerprint(planOf(config)))).size, configs.length);
    const same = [
      'debug_metrics { }',
      'metrics_flush_interval = "1s"',
      'metrics_expiration = "5m"',
      'series_expiration = "5m"',
      'aggregation_cardinality_limit = 9',
      'resource_metrics_cache_size = 9',
    ];
    for (const config of same) assert.equal(fingerprint(planOf(config)), fingerprint(planOf()), config);
  });

  it('merges dimensions of the same name: the last default holds', () => {
    const { identity } = planOf(
      'dimension {\nname = "a"\ndefault = "x"\n}\ncalls_dimension {\nname = "a"\ndefault = "y"\n}\ncalls_dimension { name = "b" }',
    );
    const [[calls, duration]] = JSON.parse(identity) as [{ name: string; default?: string }[][]];
    assert.deepEqual(
      calls.map((d) => [d.name, d.default]),
      [
        ['a', 'y'],
        ['b', undefined],
      ],
    );
    assert.deepEqual(
      duration.map((d) => [d.name, d.default]),
      [['a', 'x']],
    );
  });
});
