/** The metrics of a configuration, and which of them are one: those with the same name, unit, description and form. */
import type { Instrument } from '#components/kit/series/plan.ts';
import { compileValue } from '#ottl/expression.ts';
import {
  CONTEXT_OF,
  DEFAULT_BUCKETS,
  DEFAULT_MAX_SIZE,
  FUNCTIONS,
  KINDS,
  type Args,
  type Kind,
  type MetricArgs,
} from './schema.ts';

export interface Definition {
  readonly kind: Kind;
  readonly metric: MetricArgs;
  readonly group: number;
  readonly instrument: Instrument;
}

export function definitionsOf(args: Args): Definition[] {
  const all = KINDS.flatMap((kind) => args[kind].map((metric) => ({ kind, metric, made: instrumentOf(kind, metric) })));
  const groups = new Map<string, { readonly group: number; readonly instrument: Instrument }>();
  for (const { made } of all) {
    const { name, unit, description, kind } = made;
    const same = JSON.stringify([name, unit, description, kind]);
    const known = groups.get(same);
    // One of them gives doubles: then all are written as such.
    if (known === undefined) groups.set(same, { group: groups.size, instrument: made });
    else if (made.double === true) groups.set(same, { ...known, instrument: { ...known.instrument, double: true } });
  }
  return all.map(({ kind, metric, made }) => {
    const same = JSON.stringify([made.name, made.unit, made.description, made.kind]);
    return { kind, metric, ...groups.get(same)! };
  });
}

function instrumentOf(kind: Kind, metric: MetricArgs): Instrument {
  const { name, description, unit, histogram, exponential_histogram: exponential } = metric;
  const head = { name, description, unit };
  if (histogram !== undefined) {
    const bounds = histogram.buckets.length > 0 ? histogram.buckets : DEFAULT_BUCKETS;
    return { ...head, kind: 'histogram', bounds, minMax: false };
  }
  if (exponential !== undefined)
    return {
      ...head,
      kind: 'exponential',
      maxSize: exponential.max_size === 0 ? DEFAULT_MAX_SIZE : exponential.max_size,
    };
  const form = metric.sum ?? metric.gauge;
  const { type } = compileValue(form?.value ?? '', CONTEXT_OF[kind], FUNCTIONS);
  const double = type !== 'int';
  if (metric.sum === undefined) return { ...head, kind: 'gauge', double };
  return { ...head, kind: 'sum', double, monotonic: false };
}
