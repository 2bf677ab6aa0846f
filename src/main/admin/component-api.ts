/**
 * The list of a module's components and the detail of one (grafana/alloy v1.18 `internal/web/api/api.go`,
 * `internal/runtime/alloy_components.go`). A module's list holds its components, and what runs modules inside it: instances of
 * custom components, and `foreach` blocks with one module for each item.
 */
import { splitId } from '#shared/node-id.ts';
import type { ComponentState } from '../graph/controller.ts';
import type { ModuleInstance } from '../graph/graph.ts';
import { HEALTH_STATES, type Health } from '../graph/health.ts';
import { componentDetail, componentSummary, summary, valuesJson, type ComponentJson } from './component-json.ts';

/** What runs. */
export interface Running {
  readonly components: readonly ComponentState[];
  readonly modules: readonly ModuleInstance[];
}

/** Empty: the root. null: there is no such module. */
export function listModule(running: Running, moduleId: string): ComponentJson[] | null {
  const { components, modules } = running;
  if (moduleId !== '' && !modules.some(({ id }) => id === moduleId)) return null;
  const own = components.filter(({ node }) => splitId(node.id).module === moduleId).map(componentSummary);
  const all = [...own, ...runnersIn(running, moduleId)];
  // Blocks that are no components (argument, export, import) have no entry that a reader could go to.
  const known = new Set(all.map((one) => one.localID));
  const only = (ids: readonly string[]): string[] => ids.filter((id) => known.has(id));
  return all.map((one) => ({
    ...one,
    referencesTo: only(one.referencesTo),
    referencedBy: only(one.referencedBy),
  }));
}

/** null: there is no such component. */
export function describeComponent(running: Running, id: string): ComponentJson | null {
  const { module, local } = splitId(id);
  const listed = listModule(running, module)?.find((one) => one.localID === local);
  if (listed === undefined) return null;
  const state = running.components.find(({ node }) => node.id === id);
  const { referencesTo, referencedBy } = listed;
  if (state !== undefined) return { ...componentDetail(state), referencesTo, referencedBy };
  const instance = running.modules.find((one) => one.id === id);
  return instance === undefined
    ? listed
    : { ...listed, arguments: valuesJson(instance.args), exports: valuesJson(instance.exports) };
}

function runnersIn({ components, modules }: Running, moduleId: string): ComponentJson[] {
  const created = new Map<string, ModuleInstance[]>();
  for (const instance of modules) {
    // An item's id is that of its foreach and its own.
    const runner = instance.name === 'foreach' ? splitId(instance.id).module : instance.id;
    if (splitId(runner).module !== moduleId) continue;
    const others = created.get(runner);
    if (others === undefined) created.set(runner, [instance]);
    else others.push(instance);
  }
  return Array.from(created, ([id, instances]) => {
    const { name, references, referencedBy } = instances[0];
    const { local } = splitId(id);
    const label = local.slice(name.length + 1);
    const inside = components.filter(({ node }) => node.id.startsWith(`${id}/`)).map((state) => state.health);
    const described = { id, name, label, references, referencedBy, health: gravest(inside) };
    return { ...summary(described), createdModuleIDs: instances.map((one) => one.id) };
  });
}

/** What runs a module is as well as what is inside. */
function gravest(healths: readonly Health[]): Health {
  let joined: Health = { state: 'healthy', message: 'started component', updatedMs: 0 };
  for (const health of healths) {
    const graver = HEALTH_STATES.indexOf(health.state) - HEALTH_STATES.indexOf(joined.state);
    if (graver > 0 || (graver === 0 && health.updatedMs > joined.updatedMs)) joined = health;
  }
  return joined;
}
