/** What the filter counts beside what every processor does. Names: Collector contrib `filterprocessor`. */
import type { Counter, Meter } from '#shared/meter.ts';

/** By signal: items that were dropped. */
export function filteredCounters({ meter }: { readonly meter: Meter }): readonly Counter[] {
  const counter = (name: string, what: string): Counter =>
    meter.counter({
      name: `otelcol_processor_filter_${name}_filtered_total`,
      help: `Number of ${what} that were dropped.`,
    });
  return [counter('spans', 'spans'), counter('datapoints', 'data points'), counter('logs', 'log records')];
}
