/**
 * Components in the JSON of Alloy's web API, which tools read (grafana/alloy v1.18 `internal/component`
 * component_provider.go). Secrets are hidden.
 */
import { toJson, type JsonStatement } from '#config/schema/json.ts';
import type { ArgumentsOf, Shape } from '#config/schema/schema.ts';
import { jsonValue } from '#config/eval/print.ts';
import type { Value } from '#config/eval/value.ts';
import { splitId } from '#shared/node-id.ts';
import type { ComponentState } from '../graph/controller.ts';
import type { ModuleInstance } from '../graph/graph.ts';
import type { Health } from '../graph/health.ts';

export interface ComponentJson {
  readonly name: string;
  readonly type: 'block';
  readonly localID: string;
  /** Empty: the root, which has no module. */
  readonly moduleID: string;
  readonly label: string;
  readonly referencesTo: readonly string[];
  readonly referencedBy: readonly string[];
  readonly health: { readonly state: string; readonly message: string; readonly updatedTime: string };
  readonly original: string;
  readonly arguments: readonly JsonStatement[];
  readonly exports: readonly JsonStatement[];
  readonly debugInfo: readonly JsonStatement[];
  readonly liveDebuggingEnabled: boolean;
  /** Of the modules that it has made; absent for components. */
  readonly createdModuleIDs?: readonly string[];
}

/** An entry of the list, which carries no values. */
export function componentSummary({ node, health }: ComponentState): ComponentJson {
  return {
    name: node.component.name,
    type: 'block',
    localID: splitId(node.id).local,
    moduleID: splitId(node.id).module,
    label: node.label,
    referencesTo: node.references,
    referencedBy: node.referencedBy,
    health: healthJson(health),
    original: '',
    arguments: [],
    exports: [],
    debugInfo: [],
    liveDebuggingEnabled: false,
  };
}

export function componentDetail(state: ComponentState): ComponentJson {
  const { component, args } = state.node;
  return {
    ...componentSummary(state),
    arguments: toJson(component.args, args as ArgumentsOf<Shape>),
    exports: values(state.node.exports),
  };
}

/** An instance of a custom component, as Alloy lists it among the components of the module that it stands in. */
export function moduleSummary(module: ModuleInstance, health: Health): ComponentJson {
  const { module: moduleID, local: localID } = splitId(module.id);
  return {
    name: module.name,
    type: 'block',
    localID,
    moduleID,
    label: module.label,
    referencesTo: module.references,
    referencedBy: module.referencedBy,
    health: healthJson(health),
    original: '',
    arguments: [],
    exports: [],
    debugInfo: [],
    liveDebuggingEnabled: false,
    createdModuleIDs: [module.id],
  };
}

export function moduleDetail(module: ModuleInstance, health: Health): ComponentJson {
  return { ...moduleSummary(module, health), arguments: values(module.args), exports: values(module.exports) };
}

function healthJson({ state, message, updatedMs }: Health): ComponentJson['health'] {
  return { state, message, updatedTime: new Date(updatedMs).toISOString() };
}

function values(byName: ReadonlyMap<string, Value>): readonly JsonStatement[] {
  return Array.from(byName, ([name, value]) => ({ name, type: 'attr' as const, value: jsonValue(value) }));
}
