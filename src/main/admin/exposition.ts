/**
 * Metric families as text for scrapers: the Prometheus text format 0.0.4 and OpenMetrics 1.0.0.
 * Sources: https://prometheus.io/docs/instrumenting/exposition_formats/, the OpenMetrics 1.0 specification.
 */
import type { MetricFamily, Series } from '#shared/registry.ts';
import type { Labels } from '#shared/meter.ts';

export interface Exposition {
  readonly contentType: string;
  readonly isOpenMetrics: boolean;
  readonly render: (families: readonly MetricFamily[]) => string;
}

export const OPEN_METRICS_END = '# EOF\n';

const TEXT: Exposition = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  isOpenMetrics: false,
  render: (families) => lines(families, false),
};
const OPEN_METRICS: Exposition = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  isOpenMetrics: true,
  render: (families) => `${lines(families, true)}${OPEN_METRICS_END}`,
};

/** OpenMetrics for a scraper that prefers it, the text format for everyone else. */
export function negotiate(accept: string): Exposition {
  let best: Exposition = TEXT;
  let bestQuality = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const offered = exposition(type, parameters);
    if (offered === undefined) continue;
    const q = Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1);
    if (q > bestQuality) {
      best = offered;
      bestQuality = q;
    }
  }
  return best;
}

function exposition(type: string, parameters: readonly string[]): Exposition | undefined {
  if (type === 'application/openmetrics-text') {
    const version = parameters.find((p) => p.startsWith('version='))?.slice(8);
    return version === undefined || version === '1.0.0' ? OPEN_METRICS : undefined;
  }
  return type === 'text/plain' ? TEXT : undefined;
}

function lines(families: readonly MetricFamily[], openMetrics: boolean): string {
  let out = '';
  for (const { name, help, kind, series } of families) {
    // OpenMetrics names a counter's family without `_total`; a counter that lacks the suffix can only be of unknown type there.
    const counter = openMetrics && kind === 'counter';
    const isTotal = name.endsWith('_total');
    const family = counter && isTotal ? name.slice(0, -'_total'.length) : name;
    out += `# HELP ${family} ${escapeHelp(help, openMetrics)}\n# TYPE ${family} ${counter && !isTotal ? 'unknown' : kind}\n`;
    for (const one of series)
      out += kind === 'histogram' ? histogram(name, one) : `${name}${labels(one.labels)} ${number(one.value)}\n`;
  }
  return out;
}

function histogram(name: string, series: Series): string {
  let out = '';
  for (const { le, count } of series.buckets ?? [])
    out += `${name}_bucket${labels({ ...series.labels, le: number(le) })} ${number(count)}\n`;
  return `${out}${name}_sum${labels(series.labels)} ${number(series.sum ?? 0)}\n${name}_count${labels(series.labels)} ${number(series.count ?? 0)}\n`;
}

function labels(of: Labels): string {
  const names = Object.keys(of).sort();
  return names.length === 0 ? '' : `{${names.map((name) => `${name}="${escapeLabel(of[name])}"`).join(',')}}`;
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

const escapeLabel = (value: string): string => value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');

/** Quotes are escaped in OpenMetrics only. */
export function escapeHelp(help: string, openMetrics: boolean): string {
  const plain = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return openMetrics ? plain.replace(/"/g, '\\"') : plain;
}
