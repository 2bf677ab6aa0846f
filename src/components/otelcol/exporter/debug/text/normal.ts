/** Verbosity normal: a line per resource, scope and item (layout of the Collector's debug exporter). */
import { ENTRY, LOG_RECORD, RESOURCE, SCOPE, SCOPE_ENTRY, SPAN } from '#codec/otlp/fields.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import type { MessageView } from '#codec/otlp/view.ts';
import { LOGS, METRICS, type Signal } from '#shared/signal.ts';
import { plainAttributes } from './attributes.ts';
import { idText } from './go-format.ts';
import { metricLines } from './normal-metrics.ts';
import { walk } from './walk.ts';

/** By signal. */
const RESOURCE_WORDS = ['ResourceTraces', 'ResourceMetrics', 'ResourceLog'] as const;
const SCOPE_WORDS = ['ScopeTraces', 'ScopeMetrics', 'ScopeLog'] as const;

/** `bytes` is a valid request of the signal; lines without their ends. */
export function normalLines(signal: Signal, bytes: Buffer): string[] {
  const out: string[] = [];
  walk(bytes, {
    resource: (index, entry, resource) => {
      out.push(
        words(
          `${RESOURCE_WORDS[signal]} #${index}`,
          schemaUrl(entry.string(ENTRY.schemaUrl)),
          ...plainAttributes(resource, RESOURCE.attributes),
        ),
      );
    },
    scope: (index, entry, scope) => {
      const version = scope.string(SCOPE.version);
      const name = scope.string(SCOPE.name) + (version === '' ? '' : `@${version}`);
      const url = schemaUrl(entry.string(SCOPE_ENTRY.schemaUrl));
      out.push(words(`${SCOPE_WORDS[signal]} #${index}`, name, url, ...plainAttributes(scope, SCOPE.attributes)));
    },
    item: (_index, item) => {
      if (signal === METRICS) metricLines(out, item);
      else out.push(signal === LOGS ? logLine(item) : spanLine(item));
    },
  });
  return out;
}

function spanLine(span: MessageView): string {
  const ids = [idText(span.hex(SPAN.traceId)), idText(span.hex(SPAN.spanId))];
  return [span.string(SPAN.name), ...ids, ...plainAttributes(span, SPAN.attributes)].join(' ');
}

function logLine(record: MessageView): string {
  const body = valueText(record.buf, record.start(LOG_RECORD.body), record.stop(LOG_RECORD.body));
  return `${body} ${plainAttributes(record, LOG_RECORD.attributes).join(' ')}`;
}

const schemaUrl = (url: string): string => (url === '' ? '' : `[${url}]`);
const words = (...parts: string[]): string => parts.filter((part) => part !== '').join(' ');
