/** Verbosity detailed: everything, in many lines (layout of the Collector's debug exporter). */
import { ENTITY_REF, ENTRY, RESOURCE, SCOPE, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import { LOGS, METRICS, type Signal } from '#shared/signal.ts';
import { listAttributes } from './attributes.ts';
import { logRecord } from './detailed-logs.ts';
import { metric } from './detailed-metrics.ts';
import { span } from './detailed-traces.ts';
import { walk } from './walk.ts';

/** By signal. */
const RESOURCE_WORDS = ['ResourceSpans', 'ResourceMetrics', 'ResourceLog'] as const;
const SCOPE_WORDS = ['ScopeSpans', 'ScopeMetrics', 'ScopeLogs'] as const;

/** `bytes` is a valid request of the signal; lines without their ends. */
export function detailedLines(signal: Signal, bytes: Buffer): string[] {
  const out: string[] = [];
  walk(bytes, {
    resource: (index, entry, resource) => {
      out.push(`${RESOURCE_WORDS[signal]} #${index}`, `Resource SchemaURL: ${entry.string(ENTRY.schemaUrl)}`);
      listAttributes(out, 'Resource attributes', resource, RESOURCE.attributes);
      entityRefs(out, resource);
    },
    scope: (index, entry, scope) => {
      out.push(
        `${SCOPE_WORDS[signal]} #${index}`,
        `${SCOPE_WORDS[signal]} SchemaURL: ${entry.string(SCOPE_ENTRY.schemaUrl)}`,
      );
      out.push(`InstrumentationScope ${scope.string(SCOPE.name)} ${scope.string(SCOPE.version)}`);
      listAttributes(out, 'InstrumentationScope attributes', scope, SCOPE.attributes);
    },
    item: (index, item) =>
      signal === METRICS
        ? metric(out, index, item)
        : signal === LOGS
          ? logRecord(out, index, item)
          : span(out, index, item),
  });
  return out;
}

function entityRefs(out: string[], resource: MessageView): void {
  if (!resource.has(RESOURCE.entityRefs)) return;
  out.push('Resource entity refs:');
  const ref = new MessageView();
  let index = 0;
  for (const refs = new Occurrences().over(resource, RESOURCE.entityRefs); refs.next(); index++) {
    ref.reset(resource.buf, refs.start, refs.stop);
    out.push(`     -> Entity ref #${index}:`, `          -> Type: ${ref.string(ENTITY_REF.type)}`);
    const url = ref.string(ENTITY_REF.schemaUrl);
    if (url !== '') out.push(`          -> Schema URL: ${url}`);
    keys(out, 'ID keys', ref, ENTITY_REF.idKeys);
    keys(out, 'Description keys', ref, ENTITY_REF.descriptionKeys);
  }
}

function keys(out: string[], header: string, ref: MessageView, field: number): void {
  if (!ref.has(field)) return;
  out.push(`          -> ${header}:`);
  for (const each = new Occurrences().over(ref, field); each.next();) {
    out.push(`               -> ${ref.buf.toString('utf8', each.start, each.stop)}`);
  }
}
