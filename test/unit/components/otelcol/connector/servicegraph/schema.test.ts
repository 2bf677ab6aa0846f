import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seriesPlan } from '#components/otelcol/connector/servicegraph/plan.ts';
import { args as schema } from '#components/otelcol/connector/servicegraph/schema.ts';
import { fingerprint } from '#components/kit/series/plan.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';

const problems = (text: string): readonly string[] => decodeArgs(schema, `${text}\noutput { }`).problems;

describe('arguments', () => {
  it('must be greater than 0 where Alloy says so, and nothing is negative', () => {
    assert.deepEqual(problems('cache_loop = "0s"'), ['1: cache_loop must be greater than 0']);
    assert.deepEqual(problems('store_expiration_loop = "-1s"'), ['1: store_expiration_loop must be greater than 0']);
    assert.deepEqual(problems('store {\nmax_items = 0\nttl = "0s"\n}'), [
      '2: store.max_items must be greater than 0',
      '3: store.ttl must be greater than 0',
    ]);
    assert.deepEqual(problems('metrics_flush_interval = "-1s"'), ['1: metrics_flush_interval must not be negative']);
    assert.deepEqual(problems('exponential_histogram_max_size = -1'), [
      '1: exponential_histogram_max_size must not be negative',
    ]);
    assert.deepEqual(problems('metrics_flush_interval = "0s"'), []);
  });
});

describe('plan', () => {
  const planOf = (text = '') => seriesPlan(argsOf(schema, `${text}\noutput { }`));

  it('has the metrics of the sheet', () => {
    const plan = planOf();
    assert.equal(plan.scopeName, 'traces_service_graph');
    assert.equal(plan.temporality, 'cumulative');
    assert.equal(plan.startsWith, 'connector');
    assert.equal(plan.emitsEmpty, false);
    assert.deepEqual([plan.flushIntervalMs, plan.expiryIntervalMs, plan.seriesExpirationMs], [60_000, 60_000, 900_000]);
    assert.deepEqual(
      plan.groups.map(({ instruments }) => instruments.map(({ name, kind, unit }) => `${name} ${kind} ${unit}`)),
      [
        [
          'traces_service_graph_request_total sum ',
          'traces_service_graph_request_failed_total sum ',
          'traces_service_graph_request_server histogram s',
          'traces_service_graph_request_client histogram s',
        ],
      ],
    );
    assert.deepEqual(
      plan.groups[0].instruments[2].bounds,
      [0.002, 0.004, 0.006, 0.008, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1.4, 2, 5, 10, 15],
    );
  });

  it('has bounds in seconds, in order, each once', () => {
    const { bounds } = planOf('latency_histogram_buckets = ["1400ms", "1ns", "100us", "3ms", "1.4s"]').groups[0]
      .instruments[3];
    assert.deepEqual(bounds, [1e-9, 0.0001, 0.003, 1.4]);
    assert.deepEqual(planOf('latency_histogram_buckets = []').groups[0].instruments[3].bounds, []);
  });

  it('has exponential histograms of a size that they can have', () => {
    const size = (n: number) => planOf(`exponential_histogram_max_size = ${n}`).groups[0].instruments[2];
    assert.deepEqual([size(160).kind, size(160).maxSize, size(160).bounds], ['exponential', 160, undefined]);
    assert.deepEqual([size(1).maxSize, size(1e9).maxSize], [2, 16_384]);
  });

  it('changes with what changes the meaning of series, and with nothing else', () => {
    const print = (text: string): number => fingerprint(planOf(text));
    const same = print('');
    assert.notEqual(print('dimensions = ["a"]'), same);
    assert.notEqual(print('virtual_node_extra_label = true'), same);
    assert.notEqual(print('dimensions = ["a", "b"]'), print('dimensions = ["b", "a"]'));
    assert.equal(print('dimensions = ["a", "a"]'), print('dimensions = ["a"]'));
    assert.equal(
      print(
        'store {\nttl = "9s"\n}\nvirtual_node_peer_attributes = []\nstore_expiration_loop = "1s"\nmetrics_flush_interval = "1s"\ncache_loop = "9s"',
      ),
      same,
    );
  });
});
