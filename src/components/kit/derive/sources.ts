/** Where the attributes of items are, and of what is around them. */
import { LOG_RECORD, RESOURCE, SCOPE, SPAN, SPAN_EVENT } from '#codec/otlp/fields.ts';
import { POINT_FIELDS } from '#ottl/paths/metric.ts';
import type { ItemKind } from './deriver.ts';
import type { Source } from './selection.ts';

export const ATTRIBUTES_OF: Readonly<Record<ItemKind, Source>> = {
  span: (t) => ({ view: t.span.view, field: SPAN.attributes }),
  spanEvent: (t) => ({ view: t.spanEvent.view, field: SPAN_EVENT.attributes }),
  metric: () => null,
  point: (t) => (t.pointKind === 0 ? null : { view: t.point.view, field: POINT_FIELDS[t.pointKind].attributes }),
  log: (t) => ({ view: t.log.view, field: LOG_RECORD.attributes }),
};
export const SCOPE_ATTRIBUTES: Source = (t) => ({ view: t.scope.view, field: SCOPE.attributes });
export const RESOURCE_ATTRIBUTES: Source = (t) => ({ view: t.resource.view, field: RESOURCE.attributes });
