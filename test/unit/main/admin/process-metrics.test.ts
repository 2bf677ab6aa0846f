import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processMetrics } from '#main/admin/process-metrics.ts';
import { systemClock } from '#shared/clock.ts';

const WANTED = [
  'alloy_build_info',
  'alloy_resources_process_cpu_seconds_total',
  'alloy_resources_process_resident_memory_bytes',
  'alloy_resources_process_start_time_seconds',
  'otelcol_process_cpu_seconds_total',
  'otelcol_process_memory_rss_bytes',
  'otelcol_process_uptime_seconds_total',
];

test('every name is there with a likely value', () => {
  const families = new Map(processMetrics({ version: '1.2.3', clock: systemClock })().map((f) => [f.name, f]));
  for (const name of WANTED) assert.ok((families.get(name)?.series[0]?.value ?? 0) > 0, name);
  assert.equal(families.get('alloy_build_info')?.series[0]?.labels['version'], 'v1.2.3');
  const started = families.get('alloy_resources_process_start_time_seconds')?.series[0]?.value ?? 0;
  assert.ok(started <= Date.now() / 1000 && started > Date.now() / 1000 - 3600);
  const rss = families.get('alloy_resources_process_resident_memory_bytes')?.series[0]?.value ?? 0;
  if (process.platform === 'linux')
    assert.ok((families.get('alloy_resources_process_virtual_memory_bytes')?.series[0]?.value ?? 0) > rss);
});
