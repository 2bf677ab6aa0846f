/** otelcol.connector.count in a worker. */
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import type { Derivation, ItemKind } from '#components/kit/derive/deriver.ts';
import { AttributeSelection, type Source } from '#components/kit/derive/selection.ts';
import { derivingPart } from '#components/kit/derive/worker-part.ts';
import { LOG_RECORD, RESOURCE, SCOPE, SPAN, SPAN_EVENT } from '#codec/otlp/fields.ts';
import { compileConditions } from '#ottl/expression.ts';
import { POINT_FIELDS } from '#ottl/paths/metric.ts';
import { definitionsOf } from './definitions.ts';
import { seriesPlan } from './plan.ts';
import { CONTEXT_OF, type Args, type Kind } from './schema.ts';

const ITEM_OF: Readonly<Record<Kind, ItemKind>> = {
  spans: 'span',
  spanevents: 'spanEvent',
  metrics: 'metric',
  datapoints: 'point',
  logs: 'log',
};
const SOURCE_OF: Readonly<Record<Kind, Source>> = {
  spans: (t) => ({ view: t.span.view, field: SPAN.attributes }),
  spanevents: (t) => ({ view: t.spanEvent.view, field: SPAN_EVENT.attributes }),
  metrics: () => null,
  datapoints: (t) => (t.pointKind === 0 ? null : { view: t.point.view, field: POINT_FIELDS[t.pointKind].attributes }),
  logs: (t) => ({ view: t.log.view, field: LOG_RECORD.attributes }),
};
const SCOPE_SOURCE: Source = (t) => ({ view: t.scope.view, field: SCOPE.attributes });
const RESOURCE_SOURCE: Source = (t) => ({ view: t.resource.view, field: RESOURCE.attributes });

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return derivingPart({ plan: seriesPlan, derivations, mode: () => 'propagate' }, args, ctx);
}

function derivations(args: Args): Derivation[] {
  const names = new Map<string, number>();
  return definitionsOf(args).map(({ kind, name, conditions, attributes, group }) => {
    const keys = JSON.stringify(attributes.map(({ key }) => key).sort());
    const number = names.get(keys) ?? names.size + 1;
    names.set(keys, number);
    return {
      item: ITEM_OF[kind],
      group,
      metric: name,
      conditions: compileConditions(conditions, CONTEXT_OF[kind]),
      selection: new AttributeSelection(attributes, {
        sources: [SOURCE_OF[kind], SCOPE_SOURCE, RESOURCE_SOURCE],
        number,
        scalars: true,
      }),
      resource: null,
      measure: null,
    };
  });
}
