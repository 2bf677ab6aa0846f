/** Verbosity basic: what a batch holds, as numbers. */
import { ENTRY, REQUEST, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import type { Batch } from '#components/kit/batch.ts';
import { LOGS, METRICS } from '#shared/signal.ts';

export interface Summary {
  /** `Traces`, `Metrics`, `Logs`. */
  readonly title: string;
  /** In the order in which they are printed; the Collector's names. */
  readonly counts: Readonly<Record<string, number>>;
}

export function summarize({ signal, bytes, items }: Batch): Summary {
  const request = new MessageView().reset(bytes, 0, bytes.length);
  const resources = request.count(REQUEST.entries);
  if (signal === METRICS)
    return {
      title: 'Metrics',
      counts: { 'resource metrics': resources, metrics: countMetrics(request), 'data points': items },
    };
  if (signal === LOGS) return { title: 'Logs', counts: { 'resource logs': resources, 'log records': items } };
  return { title: 'Traces', counts: { 'resource spans': resources, spans: items } };
}

function countMetrics(request: MessageView): number {
  const entry = new MessageView();
  const scope = new MessageView();
  const scopes = new Occurrences();
  let metrics = 0;
  for (const entries = new Occurrences().over(request, REQUEST.entries); entries.next();) {
    entry.reset(request.buf, entries.start, entries.stop);
    for (scopes.over(entry, ENTRY.scopes); scopes.next();)
      metrics += scope.reset(request.buf, scopes.start, scopes.stop).count(SCOPE_ENTRY.items);
  }
  return metrics;
}
