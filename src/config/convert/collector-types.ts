/**
 * Types of Collector components that Alloy's converter knows, so that one of them is answered with "not available yet" instead of
 * "unknown". Facts: grafana/alloy v1.18, internal/converter/internal/otelcolconvert.
 */
import type { Section } from './service.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Without `_`: the Collector is about to write many of them with it, and takes both. */
const CONVERTED: Readonly<Record<Section, ReadonlySet<string>>> = {
  receivers: words(`awscloudwatch awsecscontainermetrics awss3 cloudflare datadog faro filelog filestats fluentforward
    googlecloudpubsub influxdb jaeger kafka nginx otlp solace splunkhec syslog tcplog vcenter zipkin`),
  processors: words(`attributes batch cumulativetodelta deltatocumulative filter groupbyattrs interval k8sattributes
    memorylimiter metricstarttime probabilisticsampler redaction span tailsampling transform`),
  exporters:
    words(`datadog debug faro file googlecloud googlecloudpubsub kafka loadbalancing otlp otlpgrpc otlphttp splunkhec
    syslog`),
  connectors: words('count servicegraph signaltometrics spanmetrics'),
  extensions: words(`basicauth bearertokenauth filestorage headerssetter jaegerremotesampling oauth2client sigv4auth`),
};

export function isConvertedByAlloy(section: Section, type: string): boolean {
  return CONVERTED[section].has(type.replaceAll('_', ''));
}

/** Extensions whose work is done otherwise here, and how. They are left out with a warning. */
export const REPLACED_EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['health_check', 'the admin server answers /-/ready and /-/healthy'],
  ['pprof', 'profiles are taken with the tools of Node'],
  ['zpages', 'the admin server shows the components'],
  ['memory_ballast', 'the runtime needs none'],
]);
