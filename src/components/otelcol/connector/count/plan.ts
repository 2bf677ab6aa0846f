import { derivedPlan } from '#components/kit/derive/plan.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import { definitionsOf } from './definitions.ts';
import type { Args } from './schema.ts';

export function seriesPlan(args: Args): SeriesPlan {
  return derivedPlan(
    'countconnector',
    definitionsOf(args).map(({ group, name, description, attributes }) => ({
      group,
      instrument: { name, description, unit: '', kind: 'sum' },
      names: [attributes.map(({ key }) => key)],
    })),
  );
}
