import { derivedPlan } from '#components/kit/derive/plan.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import { definitionsOf } from './definitions.ts';
import type { Args } from './schema.ts';

export function seriesPlan(args: Args): SeriesPlan {
  return derivedPlan(
    'signaltometricsconnector',
    definitionsOf(args).map(({ group, instrument, metric }) => ({
      group,
      instrument,
      names: [metric.attributes.map(({ key }) => key), metric.include_resource_attributes.map(({ key }) => key)],
    })),
  );
}
