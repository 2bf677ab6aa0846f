/**
 * Types of Collector components that Alloy's converter knows, so that one of them is answered with "not available yet" instead of
 * "unknown". Facts: grafana/alloy v1.18, internal/converter/internal/otelcolconvert.
 */
import type { Section } from './service.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const CONVERTED_BY_ALLOY: Readonly<Record<Section, ReadonlySet<string>>> = {
  receivers:
    words(`awscloudwatch awsecscontainermetrics awss3 cloudflare datadog faro filelog filestats file_log file_stats
    fluentforward googlecloudpubsub influxdb jaeger kafka nginx otlp solace splunk_hec syslog tcplog vcenter zipkin`),
  processors: words(`attributes batch cumulativetodelta deltatocumulative filter groupbyattrs interval k8sattributes
    k8s_attributes memory_limiter metricstarttime metric_start_time probabilistic_sampler redaction span tail_sampling
    transform`),
  exporters:
    words(`datadog debug faro file googlecloud googlecloudpubsub kafka loadbalancing otlp otlp_grpc otlphttp otlp_http
    splunk_hec syslog`),
  connectors: words('count servicegraph signaltometrics signal_to_metrics spanmetrics span_metrics'),
  extensions:
    words(`basicauth basic_auth bearertokenauth bearer_token_auth file_storage headers_setter jaegerremotesampling
    jaeger_remote_sampling oauth2client sigv4auth`),
};

/** Extensions whose work is done otherwise here, and how. They are left out with a warning. */
export const REPLACED_EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['health_check', 'the admin server answers /-/ready and /-/healthy'],
  ['pprof', 'profiles are taken with the tools of Node'],
  ['zpages', 'the admin server shows the components'],
  ['memory_ballast', 'the runtime needs none'],
]);
