/** The way through an export request of any signal: resources, scopes, items, each with its number. */
import { ENTRY, REQUEST, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';

export interface Visitor {
  /** `entry` is the ResourceSpans, ResourceMetrics or ResourceLogs, `resource` its Resource (empty when absent). */
  resource(index: number, entry: MessageView, resource: MessageView): void;
  scope(index: number, entry: MessageView, scope: MessageView): void;
  /** A span, metric or log record. Views are reused: valid during the call. */
  item(index: number, item: MessageView): void;
}

/** `bytes` is a valid request. */
export function walk(bytes: Buffer, visitor: Visitor): void {
  const request = new MessageView().reset(bytes, 0, bytes.length);
  const resourceEntry = new MessageView();
  const scopeEntry = new MessageView();
  const child = new MessageView();
  const scopes = new Occurrences();
  const items = new Occurrences();
  let resourceIndex = 0;
  for (const resources = new Occurrences().over(request, REQUEST.entries); resources.next();) {
    resourceEntry.reset(bytes, resources.start, resources.stop);
    inner(child, resourceEntry, ENTRY.resource);
    visitor.resource(resourceIndex++, resourceEntry, child);
    let scopeIndex = 0;
    for (scopes.over(resourceEntry, ENTRY.scopes); scopes.next();) {
      scopeEntry.reset(bytes, scopes.start, scopes.stop);
      inner(child, scopeEntry, SCOPE_ENTRY.scope);
      visitor.scope(scopeIndex++, scopeEntry, child);
      let itemIndex = 0;
      for (items.over(scopeEntry, SCOPE_ENTRY.items); items.next();) {
        visitor.item(itemIndex++, child.reset(bytes, items.start, items.stop));
      }
    }
  }
}

function inner(view: MessageView, parent: MessageView, field: number): void {
  view.reset(parent.buf, parent.start(field), parent.stop(field));
}
