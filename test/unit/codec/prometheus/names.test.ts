import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { labelName, metricName } from '#codec/prometheus/names.ts';
import type { MetricKind } from '#codec/prometheus/names.ts';

suite('metric names with suffixes', () => {
  const cases: readonly (readonly [name: string, unit: string, kind: MetricKind, expected: string])[] = [
    // Derived by the connectors.
    ['traces.span.metrics.calls', '', 'counter', 'traces_span_metrics_calls_total'],
    ['traces.span.metrics.duration', 'ms', 'histogram', 'traces_span_metrics_duration_milliseconds'],
    ['traces.span.metrics.duration', 's', 'histogram', 'traces_span_metrics_duration_seconds'],
    ['traces_service_graph_request_total', '', 'counter', 'traces_service_graph_request_total'],
    ['traces_service_graph_request_server', 's', 'histogram', 'traces_service_graph_request_server_seconds'],
    // Bytes, in all sizes.
    ['system.filesystem.usage', 'By', 'gauge', 'system_filesystem_usage_bytes'],
    ['system.filesystem.usage', 'KiBy', 'gauge', 'system_filesystem_usage_kibibytes'],
    ['system.filesystem.usage', 'MiBy', 'gauge', 'system_filesystem_usage_mebibytes'],
    ['system.filesystem.usage', 'GiBy', 'gauge', 'system_filesystem_usage_gibibytes'],
    ['system.filesystem.usage', 'TiBy', 'gauge', 'system_filesystem_usage_tibibytes'],
    ['system.filesystem.usage', 'KBy', 'gauge', 'system_filesystem_usage_kilobytes'],
    ['system.filesystem.usage', 'MBy', 'gauge', 'system_filesystem_usage_megabytes'],
    ['system.filesystem.usage', 'GBy', 'gauge', 'system_filesystem_usage_gigabytes'],
    ['system.filesystem.usage', 'TBy', 'gauge', 'system_filesystem_usage_terabytes'],
    // Time and SI units.
    ['queue.age', 'd', 'gauge', 'queue_age_days'],
    ['queue.age', 'h', 'gauge', 'queue_age_hours'],
    ['queue.age', 'min', 'gauge', 'queue_age_minutes'],
    ['queue.age', 'us', 'gauge', 'queue_age_microseconds'],
    ['queue.age', 'ns', 'gauge', 'queue_age_nanoseconds'],
    ['run', 'm', 'gauge', 'run_meters'],
    ['mains', 'V', 'gauge', 'mains_volts'],
    ['mains', 'A', 'gauge', 'mains_amperes'],
    ['heat', 'J', 'counter', 'heat_joules_total'],
    ['heat', 'W', 'gauge', 'heat_watts'],
    ['load', 'g', 'gauge', 'load_grams'],
    ['room', 'Cel', 'gauge', 'room_celsius'],
    ['cpu', 'Hz', 'gauge', 'cpu_hertz'],
    ['cpu', '%', 'gauge', 'cpu_percent'],
    // Per units.
    ['astro.light.speed', 'm/s', 'gauge', 'astro_light_speed_meters_per_second'],
    ['speed', 'By/m', 'gauge', 'speed_bytes_per_minute'],
    ['speed', 'By/h', 'gauge', 'speed_bytes_per_hour'],
    ['speed', 'By/d', 'gauge', 'speed_bytes_per_day'],
    ['speed', 'By/w', 'gauge', 'speed_bytes_per_week'],
    ['speed', 'By/mo', 'gauge', 'speed_bytes_per_month'],
    ['speed', 'By/y', 'gauge', 'speed_bytes_per_year'],
    ['system.network.dropped', '{packets}/s', 'gauge', 'system_network_dropped_per_second'],
    ['drinks', '{drinks}/{guest}', 'gauge', 'drinks'],
    ['fuel', 'L/(100km)', 'gauge', 'fuel_L_per_100km'],
    ['rate', '1/s', 'gauge', 'rate_per_second'],
    ['rate', 'By/s/s', 'gauge', 'rate_bytes_per_s_s'],
    ['rate', ' By / s ', 'gauge', 'rate_bytes_per_second'],
    ['rate', '/s', 'gauge', 'rate_per_second'],
    ['rate', 'By/', 'gauge', 'rate_bytes'],
    // What is in the name already is not added.
    ['disk_bytes_free', 'By', 'gauge', 'disk_bytes_free'],
    ['requests.per.second', '{r}/s', 'gauge', 'requests_per_second'],
    ['total.calls.total', '', 'counter', 'calls_total'],
    ['system.cpu.total', '', 'gauge', 'system_cpu_total'],
    ['ratio.of.all', '1', 'gauge', 'of_all_ratio'],
    ['system.cpu.utilization', '1', 'gauge', 'system_cpu_utilization_ratio'],
    // Only a gauge is a ratio.
    ['hw.status', '1', 'updown', 'hw_status'],
    ['hw.count', '1', 'counter', 'hw_count_total'],
    ['hw.hist', '1', 'histogram', 'hw_hist'],
    ['hw.sum', 's', 'summary', 'hw_sum_seconds'],
    // Characters.
    ['unsupported.metric.temperature', '°F', 'gauge', 'unsupported_metric_temperature_F'],
    ['unsupported.metric.weird', '+=.:,!* & #', 'gauge', 'unsupported_metric_weird'],
    ['unsupported.metric.redundant', '__test $/°C', 'gauge', 'unsupported_metric_redundant_test_per_C'],
    ['__  Prometheus:name__with::colons', '', 'gauge', 'Prometheus_name_with_colons'],
    ['2xx.hits', '', 'counter', '_2xx_hits_total'],
    ['', '', 'gauge', ''],
    ['°', '', 'gauge', ''],
    ['größe', '', 'gauge', 'gr_e'],
  ];
  for (const [name, unit, kind, expected] of cases)
    test(`${kind} ${name} [${unit}]`, () => assert.equal(metricName(name, unit, kind, true), expected));
});

test('without suffixes only what is forbidden is replaced', () => {
  assert.equal(metricName('http.server:duration__x', 'ms', 'counter', false), 'http_server:duration__x');
  assert.equal(metricName('2xx', '1', 'gauge', false), '_2xx');
  assert.equal(metricName('a..b', '', 'gauge', false), 'a_b');
  assert.equal(metricName('!?', '', 'gauge', false), '');
});

suite('label names', () => {
  const cases = [
    ['', ''],
    ['http.method', 'http_method'],
    ['http.status_code', 'http_status_code'],
    ['label:with:colons', 'label_with_colons'],
    ['LabelWithCapitals', 'LabelWithCapitals'],
    ['label!with&special$chars)', 'label_with_special_chars_'],
    ['label_with_foreign_characters_字符', 'label_with_foreign_characters___'],
    ['label.with.emoji.😀', 'label_with_emoji__'],
    ['123label', 'key_123label'],
    ['_label', 'key_label'],
    ['.label', 'key_label'],
    ['__label', '__label'],
    ['..label', '__label'],
    ['a1', 'a1'],
    ['@', 'key_'],
  ] as const;
  for (const [key, expected] of cases) test(`"${key}"`, () => assert.equal(labelName(key), expected));
});

test('names are empty or what every Prometheus accepts', () => {
  const kinds = fc.constantFrom<MetricKind>('counter', 'gauge', 'updown', 'histogram', 'summary');
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  fc.assert(
    fc.property(text, text, kinds, fc.boolean(), (name, unit, kind, suffixes) => {
      assert.match(metricName(name, unit, kind, suffixes), /^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/);
      assert.match(labelName(name), /^([a-zA-Z_][a-zA-Z0-9_]*)?$/);
    }),
  );
});
