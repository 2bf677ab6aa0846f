/** Verbosity detailed: one span. */
import { SPAN, SPAN_EVENT, SPAN_LINK, SPAN_STATUS } from '#codec/otlp/fields.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import { listAttributes } from './attributes.ts';
import { idText, SPAN_KINDS, STATUS_CODES, timestamp } from './go-format.ts';

const inner = new MessageView();
const each = new Occurrences();

export function span(out: string[], index: number, view: MessageView): void {
  const line = (name: string, value: string | number): void => void out.push(`    ${name.padEnd(15)}: ${value}`);
  out.push(`Span #${index}`);
  line('Trace ID', idText(view.hex(SPAN.traceId)));
  line('Parent ID', idText(view.hex(SPAN.parentSpanId)));
  line('ID', idText(view.hex(SPAN.spanId)));
  line('Name', view.string(SPAN.name));
  line('Kind', SPAN_KINDS[view.uint32(SPAN.kind)] ?? '');
  if (view.string(SPAN.traceState) !== '') line('TraceState', view.string(SPAN.traceState));
  line('Start time', timestamp(view.uint64(SPAN.startTimeUnixNano)));
  line('End time', timestamp(view.uint64(SPAN.endTimeUnixNano)));
  inner.reset(view.buf, view.start(SPAN.status), view.stop(SPAN.status));
  line('Status code', STATUS_CODES[inner.uint32(SPAN_STATUS.code)] ?? '');
  line('Status message', inner.string(SPAN_STATUS.message));
  line('DroppedAttributesCount', view.uint32(SPAN.droppedAttributesCount));
  line('DroppedEventsCount', view.uint32(SPAN.droppedEventsCount));
  line('DroppedLinksCount', view.uint32(SPAN.droppedLinksCount));
  listAttributes(out, 'Attributes', view, SPAN.attributes);
  events(out, view);
  links(out, view);
}

function events(out: string[], view: MessageView): void {
  if (view.has(SPAN.events)) out.push('Events:');
  let index = 0;
  for (each.over(view, SPAN.events); each.next(); index++) {
    inner.reset(view.buf, each.start, each.stop);
    out.push(`SpanEvent #${index}`);
    out.push(`     -> Name: ${inner.string(SPAN_EVENT.name)}`);
    out.push(`     -> Timestamp: ${timestamp(inner.uint64(SPAN_EVENT.timeUnixNano))}`);
    out.push(`     -> DroppedAttributesCount: ${inner.uint32(SPAN_EVENT.droppedAttributesCount)}`);
    // Two colons, as the Collector prints it.
    listAttributes(out, '     -> Attributes:', inner, SPAN_EVENT.attributes);
  }
}

function links(out: string[], view: MessageView): void {
  if (view.has(SPAN.links)) out.push('Links:');
  let index = 0;
  for (each.over(view, SPAN.links); each.next(); index++) {
    inner.reset(view.buf, each.start, each.stop);
    out.push(`SpanLink #${index}`);
    out.push(`     -> Trace ID: ${idText(inner.hex(SPAN_LINK.traceId))}`);
    out.push(`     -> ID: ${idText(inner.hex(SPAN_LINK.spanId))}`);
    out.push(`     -> TraceState: ${inner.string(SPAN_LINK.traceState)}`);
    out.push(`     -> DroppedAttributesCount: ${inner.uint32(SPAN_LINK.droppedAttributesCount)}`);
    listAttributes(out, '     -> Attributes:', inner, SPAN_LINK.attributes);
  }
}
