/**
 * Components in the JSON of Alloy's web API, which tools read (grafana/alloy v1.18 `internal/component`
 * component_provider.go). Secrets are hidden.
 */
import { jsonValue } from '#config/eval/print.ts';
import type { Value } from '#config/eval/value.ts';
import { toJson, type JsonStatement } from '#config/schema/json.ts';
import type { ArgumentsOf, Shape } from '#config/schema/schema.ts';
import { FLOWS } from '#shared/signal.ts';
import { splitId } from '#shared/node-id.ts';
import { consumersOf } from '../graph/consumers.ts';
import type { ComponentState } from '../graph/controller.ts';
import type { Health } from '../graph/health.ts';

export interface ComponentJson {
  readonly name: string;
  readonly type: 'block';
  /** Id within its module. */
  readonly localID: string;
  /** Empty: the root. */
  readonly moduleID: string;
  readonly label: string;
  /** Ids within the module. */
  readonly referencesTo: readonly string[];
  readonly referencedBy: readonly string[];
  /** Ids within the module of what it sends data to. */
  readonly dataFlowEdgesTo: readonly string[];
  readonly health: { readonly state: string; readonly message: string; readonly updatedTime: string };
  readonly original: string;
  readonly arguments: readonly JsonStatement[];
  readonly exports: readonly JsonStatement[];
  readonly debugInfo: readonly JsonStatement[];
  /** Ids of the modules that it runs; absent: it runs none. */
  readonly createdModuleIDs?: readonly string[];
  readonly liveDebuggingEnabled: boolean;
}

/** What is the same for components and for what runs modules. */
export interface Described {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly references: readonly string[];
  readonly referencedBy: readonly string[];
  readonly health: Health;
}

/** An entry of the list, which carries no values. */
export function summary({ id, name, label, references, referencedBy, health }: Described): ComponentJson {
  const { module, local } = splitId(id);
  return {
    name,
    type: 'block',
    localID: local,
    moduleID: module,
    label,
    referencesTo: references,
    referencedBy,
    dataFlowEdgesTo: [],
    health: { state: health.state, message: health.message, updatedTime: new Date(health.updatedMs).toISOString() },
    original: '',
    arguments: [],
    exports: [],
    debugInfo: [],
    liveDebuggingEnabled: false,
  };
}

export function componentSummary({ node, health }: ComponentState): ComponentJson {
  const { id, label, component, references, referencedBy } = node;
  const described = { id, label, name: component.name, references, referencedBy, health };
  return { ...summary(described), dataFlowEdgesTo: dataFlow(node) };
}

export function componentDetail(state: ComponentState): ComponentJson {
  const { component, args, exports } = state.node;
  return {
    ...componentSummary(state),
    arguments: toJson(component.args, args as ArgumentsOf<Shape>),
    exports: valuesJson(exports),
  };
}

/** A body of attributes. */
export function valuesJson(values: ReadonlyMap<string, Value>): JsonStatement[] {
  return Array.from(values, ([name, value]) => ({ name, type: 'attr', value: jsonValue(value) }));
}

/** What is inside another module is reached through what runs that one; what is outside of its own it does not see. */
function dataFlow({ id, args }: ComponentState['node']): string[] {
  const { module } = splitId(id);
  const prefix = module === '' ? '' : `${module}/`;
  const to = FLOWS.flatMap((flow) => consumersOf(args, flow).map((ref) => ref.nodeId))
    .filter((target) => target.startsWith(prefix))
    .map((target) => target.slice(prefix.length).split('/')[0]);
  return [...new Set(to)];
}
