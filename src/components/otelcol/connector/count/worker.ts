/** otelcol.connector.count in a worker. */
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import type { Derivation, ItemKind } from '#components/kit/derive/deriver.ts';
import { AttributeSelection, SelectionNumbers } from '#components/kit/derive/selection.ts';
import { ATTRIBUTES_OF, RESOURCE_ATTRIBUTES, SCOPE_ATTRIBUTES } from '#components/kit/derive/sources.ts';
import { derivingPart } from '#components/kit/derive/worker-part.ts';
import { compileConditions } from '#ottl/expression.ts';
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

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return derivingPart({ plan: seriesPlan, derivations, mode: () => 'propagate' }, args, ctx);
}

function derivations(args: Args): Derivation[] {
  const numbers = new SelectionNumbers();
  return definitionsOf(args).map(({ kind, name, conditions, attributes, group }) => {
    return {
      item: ITEM_OF[kind],
      group,
      metric: name,
      conditions: compileConditions(conditions, CONTEXT_OF[kind]),
      selection: new AttributeSelection(attributes, {
        sources: [ATTRIBUTES_OF[ITEM_OF[kind]], SCOPE_ATTRIBUTES, RESOURCE_ATTRIBUTES],
        number: numbers.of(attributes),
        scalars: true,
      }),
      resource: null,
      measure: null,
    };
  });
}
