/**
 * Prometheus's own parser reads the text that prometheus.echo prints: every kind of metric, labels with characters that need an
 * escape, series that have ended.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { expositionText } from '#codec/prometheus/exposition.ts';
import { FamilyTypes } from '#codec/prometheus/family-types.ts';
import { FromOtlp } from '#codec/prometheus/from-otlp.ts';
import { readWriteRequest } from '#codec/prometheus/read.ts';
import { foundTool } from '#test/support/found-tool.ts';
import {
  counter,
  exponential,
  gauge,
  histogram,
  metricsRequest,
  point,
  summary,
} from '#test/support/metric-requests.ts';

const promtool = foundTool('MILLRACE_PROMTOOL', 'promtool');

test('promtool check metrics finds matters of taste only', { skip: promtool.skip }, () => {
  const described = (metric: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
    ...metric,
    description: 'a "help"\\ text\nof two lines',
  });
  const metrics = [
    counter('c', point({ asInt: '1234567' })),
    gauge(
      'g',
      point({ asDouble: 0.5 }, { k: 'a "b" \\ \n ü' }),
      point({ flags: 1 }),
      point({ asDouble: -Infinity }, { k: 'b' }),
    ),
    histogram('h', point({ explicitBounds: [1, 1e21], bucketCounts: [1, 2, 3], count: 6, sum: 7 }, { k: 'v' })),
    summary('s', point({ count: 2, sum: 6, quantileValues: [{ quantile: 0.5, value: NaN }] })),
    exponential('e', point({ count: 2, sum: 6, positive: { bucketCounts: [2] } })),
  ].map(described);
  const made = new FromOtlp({
    suffixes: true,
    targetInfo: true,
    scopeInfo: true,
    scopeLabels: true,
    resourceLabels: false,
    keepIdentifying: true,
    customBuckets: false,
    metadata: true,
  });
  const resource = { 'service.name': 'shop', host: 'h' };
  const [{ bytes }] = made.convert(metricsRequest(metrics, { resource, scope: { name: 'lib' } }), 1_800_000_000_000);
  const request = readWriteRequest(bytes);
  const types = new FamilyTypes();
  types.learn(request);
  const input = expositionText(request, types, 'text');
  const checked = spawnSync(promtool.path, ['check', 'metrics'], { input, encoding: 'utf8' });
  // Not even these: a help text for otel_scope_info.
  assert.equal(checked.stderr.replace(/^otel_scope_info no help text\n/m, ''), '', input);
});
