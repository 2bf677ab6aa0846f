/**
 * Components in the JSON of Alloy's web API, which tools read (grafana/alloy v1.18 `internal/component`
 * component_provider.go). Secrets are hidden.
 */
import { toJson, type JsonStatement } from '#config/schema/json.ts';
import type { ArgumentsOf, Shape } from '#config/schema/schema.ts';
import type { ComponentState } from '../graph/controller.ts';

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
}

/** An entry of the list, which carries no values. */
export function componentSummary({ node, health }: ComponentState): ComponentJson {
  return {
    name: node.component.name,
    type: 'block',
    localID: node.id,
    moduleID: '',
    label: node.label,
    referencesTo: node.references,
    referencedBy: node.referencedBy,
    health: { state: health.state, message: health.message, updatedTime: new Date(health.updatedMs).toISOString() },
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
    exports:
      component.accepts.length === 0
        ? []
        : [{ name: 'input', type: 'attr', value: { type: 'capsule', value: 'capsule("otelcol.Consumer")' } }],
  };
}
