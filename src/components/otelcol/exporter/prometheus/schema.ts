/** Arguments of otelcol.exporter.prometheus (semantics 16). Facts: grafana/alloy `internal/component/otelcol/exporter/prometheus`. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, metricsReceivers } from '#config/schema/types.ts';

export const args = body(
  {
    forward_to: attr(metricsReceivers, { required: true, doc: 'Where the Prometheus series go.' }),
    add_metric_suffixes: attr(bool, {
      default: true,
      doc: 'Whether names say unit and type: `_milliseconds`, `_total`, `_ratio`.',
    }),
    convert_classic_histograms_to_nhcb: attr(bool, {
      default: false,
      doc: 'Whether histograms with explicit bounds become native histograms with custom buckets. Experimental in Alloy.',
    }),
    start_timestamp_zero_ingestion: attr(bool, {
      default: false,
      doc: 'Must be false: zero samples at start times cannot be made.',
    }),
    gc_frequency: attr(duration, {
      default: 300_000,
      doc: 'Accepted without effect: there is no memory of series to clean up.',
    }),
    honor_metadata: attr(bool, {
      default: false,
      doc: 'Whether type, unit and description of metric families are sent on. Experimental in Alloy.',
    }),
    include_scope_info: attr(bool, { default: false, doc: 'Whether there are `otel_scope_info` series.' }),
    include_scope_labels: attr(bool, {
      default: true,
      doc: 'Whether series have the labels `otel_scope_name` and `otel_scope_version`.',
    }),
    include_target_info: attr(bool, { default: true, doc: 'Whether there are `target_info` series.' }),
    keep_identifying_resource_attributes: attr(bool, {
      default: false,
      doc: 'Whether `target_info` has also the attributes of which `job` and `instance` are made.',
    }),
    resource_to_telemetry_conversion: attr(bool, {
      default: false,
      doc: 'Whether all resource attributes are labels of all series.',
    }),
  },
  (a, error) => {
    if (a.gc_frequency <= 0) error('gc_frequency', 'gc_frequency must be greater than 0');
    if (a.start_timestamp_zero_ingestion)
      error('start_timestamp_zero_ingestion', 'start_timestamp_zero_ingestion is not available; leave it out');
  },
);
export type Args = Infer<typeof args>;
