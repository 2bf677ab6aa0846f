/** millrace and a peer get the same scenario, each in its own language. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectorYaml } from '#bench/load/system/collector-yaml.ts';
import { millraceConfig } from '#bench/load/system/millrace.ts';
import type { SystemSettings } from '#bench/load/system/system.ts';

const settings = (over: Partial<SystemSettings>): SystemSettings => ({
  protocol: 'grpc',
  compressionOut: 'none',
  sinkPort: 9999,
  derive: false,
  edit: 'none',
  queue: { sizer: 'items', size: 123, block: true },
  workers: 1,
  built: false,
  nodeFlags: [],
  ...over,
});

test('the same ports, compression, queue and batch in both', () => {
  for (const protocol of ['grpc', 'http'] as const) {
    for (const compressionOut of ['none', 'gzip', 'zstd'] as const) {
      const s = settings({ protocol, compressionOut });
      const ours = millraceConfig(s, 4444);
      const theirs = collectorYaml(s, 4444);
      const exporter = protocol === 'grpc' ? 'otlp' : 'otlphttp';
      for (const text of [ours, theirs]) {
        assert.match(text, /127\.0\.0\.1:4444/);
        assert.match(text, protocol === 'grpc' ? /[" ]127\.0\.0\.1:9999/ : /http:\/\/127\.0\.0\.1:9999/);
        assert.match(text, new RegExp(`compression(: | = ")${compressionOut}`));
        assert.match(text, /queue_size\s*[:=] 123/);
        assert.match(text, /block_on_overflow\s*[:=] true/);
        assert.match(text, /send_batch_size\s*[:=] 2000/);
        assert.match(text, /send_batch_max_size\s*[:=] 3000/);
        assert.match(text, /max_elapsed_time\s*[:=] "?0s/);
      }
      assert.match(ours, new RegExp(`otelcol\\.exporter\\.${exporter} "bench"`));
      assert.match(theirs, new RegExp(`exporters: \\[${exporter}\\]`));
    }
  }
});

test('each configuration that a reload goes to differs from the one before, and keeps the port', () => {
  const all = Array.from({ length: 12 }, (_, nth) => millraceConfig(settings({}), 4444, nth));
  all.forEach((text, nth) => {
    assert.match(text, /127\.0\.0\.1:4444/);
    if (nth > 0) assert.notEqual(text, all[nth - 1]);
    assert.equal(text, all[nth % 6]);
  });
});
