/** Where the attributes of items are, and of what is around them. */
import { LOG_RECORD, RESOURCE, SCOPE, SPAN, SPAN_EVENT } from '#codec/otlp/fields.ts';
import type { Attributes } from '#ottl/paths/entry.ts';
import { pointAttributes } from '#ottl/paths/metric.ts';
import type { ItemKind } from './deriver.ts';

export const ATTRIBUTES_OF: Readonly<Record<ItemKind, Attributes>> = {
  span: { of: (t) => t.span, field: () => SPAN.attributes },
  spanEvent: { of: (t) => t.spanEvent, field: () => SPAN_EVENT.attributes },
  metric: { of: () => null, field: () => 0 },
  point: { of: (t) => (t.pointKind === 0 ? null : t.point), field: pointAttributes },
  log: { of: (t) => t.log, field: () => LOG_RECORD.attributes },
};
export const SCOPE_ATTRIBUTES: Attributes = { of: (t) => t.scope, field: () => SCOPE.attributes };
export const RESOURCE_ATTRIBUTES: Attributes = { of: (t) => t.resource, field: () => RESOURCE.attributes };
