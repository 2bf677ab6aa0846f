import type { SeriesPlan } from '#components/kit/series/plan.ts';
import { definitionsOf, type Definition } from './definitions.ts';
import type { Args } from './schema.ts';

const FLUSH_MS = 1000;
/** Series whose last point is remembered, for the start of the next. */
const REMEMBERED = 65_536;

export function seriesPlan(args: Args): SeriesPlan {
  const definitions = definitionsOf(args);
  const first = new Map<number, Definition>();
  for (const definition of definitions) if (!first.has(definition.group)) first.set(definition.group, definition);
  return {
    scopeName: 'github.com/open-telemetry/opentelemetry-collector-contrib/connector/signaltometricsconnector',
    groups: Array.from(first.values(), ({ instrument }) => ({ instruments: [instrument], limit: 0 })),
    temporality: 'delta',
    flushIntervalMs: FLUSH_MS,
    startsWith: 'series',
    emitsEmpty: false,
    resourceExpirationMs: 0,
    seriesExpirationMs: 0,
    expiryIntervalMs: 0,
    resourceCacheSize: 0,
    timestampCacheSize: REMEMBERED,
    identity: JSON.stringify(
      definitions.map(({ group, metric }) => [
        group,
        metric.attributes.map(({ key }) => key),
        metric.include_resource_attributes.map(({ key }) => key),
      ]),
    ),
  };
}
