/** otelcol.connector.signaltometrics in a worker. */
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { plainValue } from '#components/kit/blocks/plain-value.ts';
import type { Derivation, ItemKind } from '#components/kit/derive/deriver.ts';
import type { NotCounted } from '#components/kit/derive/instruments.ts';
import { SelectedResource } from '#components/kit/derive/resource-identity.ts';
import { AttributeSelection, SelectionNumbers } from '#components/kit/derive/selection.ts';
import { ATTRIBUTES_OF } from '#components/kit/derive/sources.ts';
import { derivingPart } from '#components/kit/derive/worker-part.ts';
import { compileConditions } from '#ottl/expression.ts';
import { definitionsOf } from './definitions.ts';
import { measureOf } from './measure.ts';
import { seriesPlan } from './plan.ts';
import { CONTEXT_OF, FUNCTIONS, type Args, type Kind } from './schema.ts';

const ITEM_OF: Readonly<Record<Kind, ItemKind>> = { spans: 'span', datapoints: 'point', logs: 'log' };

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return derivingPart({ plan: seriesPlan, derivations, mode: (a) => a.error_mode }, args, ctx);
}

function derivations(args: Args, notCounted: NotCounted): Derivation[] {
  const numbers = new SelectionNumbers();
  return definitionsOf(args).map(({ kind, metric, group }) => {
    const { attributes, include_resource_attributes: included } = metric;
    return {
      item: ITEM_OF[kind],
      group,
      metric: metric.name,
      conditions: compileConditions(metric.conditions, CONTEXT_OF[kind], FUNCTIONS),
      selection: new AttributeSelection(
        attributes.map(({ key, optional, default_value: value }) => ({
          key,
          optional,
          otherwise: value === undefined ? undefined : plainValue(value),
        })),
        { sources: [ATTRIBUTES_OF[ITEM_OF[kind]]], number: numbers.of(attributes), scalars: false },
      ),
      resource:
        included.length === 0
          ? null
          : new SelectedResource(
              included.map(({ key, default_value: value }) => ({
                key,
                otherwise: value === undefined ? undefined : plainValue(value),
              })),
            ),
      measure: measureOf(kind, metric, notCounted.value),
    };
  });
}
