/** The contexts: what an expression stands in, and so what its paths and enums mean. Facts: Collector contrib `pkg/ottl/contexts`. */
import { LOG_PATHS } from './paths/log.ts';
import type { PathEntry, Paths } from './paths/entry.ts';
import { METRIC_PATHS, POINT_PATHS } from './paths/metric.ts';
import { SPAN_EVENT_PATHS, SPAN_PATHS } from './paths/span.ts';
import { RESOURCE_PATHS, RESOURCE_WHOLE, SCOPE_PATHS, SCOPE_WHOLE, whole } from './paths/surroundings.ts';
import { DATA_ENUMS, LOG_ENUMS, SPAN_ENUMS, type Enums } from './enums.ts';

export type ContextName = 'resource' | 'scope' | 'span' | 'spanevent' | 'metric' | 'datapoint' | 'log';

export interface Section {
  readonly paths: Paths;
  /** The message as a whole: the name of the context alone. */
  readonly whole: PathEntry;
}

export interface Context {
  readonly name: ContextName;
  /** Paths without a prefix. */
  readonly own: Section;
  /** By prefix, its own among them. */
  readonly sections: ReadonlyMap<string, Section>;
  readonly enums: Enums;
}

const RESOURCE: Section = { paths: RESOURCE_PATHS, whole: RESOURCE_WHOLE };
const SCOPE: Section = { paths: SCOPE_PATHS, whole: SCOPE_WHOLE };
const SPAN: Section = { paths: SPAN_PATHS, whole: whole((t) => t.span, 'Span') };
const SPAN_EVENT: Section = { paths: SPAN_EVENT_PATHS, whole: whole((t) => t.spanEvent, 'Event') };
const METRIC: Section = { paths: METRIC_PATHS, whole: whole((t) => t.metric, 'Metric') };
const LOG: Section = { paths: LOG_PATHS, whole: whole((t) => t.log, 'LogRecord') };
/** A point alone is nothing that an expression could use. */
const POINT: Section = { paths: POINT_PATHS, whole: { type: 'any', read: () => null } };

const AROUND = { resource: RESOURCE, scope: SCOPE, instrumentation_scope: SCOPE };

function context(name: ContextName, own: Section, sections: Readonly<Record<string, Section>>, enums: Enums): Context {
  return { name, own, sections: new Map(Object.entries({ ...sections, [name]: own })), enums };
}

export const CONTEXTS: Readonly<Record<ContextName, Context>> = {
  resource: context('resource', RESOURCE, {}, {}),
  scope: context('scope', SCOPE, { instrumentation_scope: SCOPE, resource: RESOURCE }, {}),
  span: context('span', SPAN, AROUND, SPAN_ENUMS),
  spanevent: context('spanevent', SPAN_EVENT, { span: SPAN, ...AROUND }, SPAN_ENUMS),
  metric: context('metric', METRIC, AROUND, DATA_ENUMS),
  datapoint: context('datapoint', POINT, { metric: METRIC, ...AROUND }, DATA_ENUMS),
  log: context('log', LOG, AROUND, LOG_ENUMS),
};
