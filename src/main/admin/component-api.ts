/**
 * The list of a module's components and the detail of one (grafana/alloy v1.18 `internal/web/api/api.go`,
 * `internal/runtime/alloy_components.go`). A module's list holds its components, and what runs modules inside it: instances of
 * custom components, and `foreach` blocks with one module for each item.
 */
import { splitId } from '#shared/node-id.ts';
import type { ComponentState, ModuleState } from '../graph/controller.ts';
import { HEALTH_STATES, type Health } from '../graph/health.ts';
import { componentDetail, componentSummary, summary, valuesJson, type ComponentJson } from './component-json.ts';

/** What runs. */
export interface Running {
  readonly components: readonly ComponentState[];
  readonly modules: readonly ModuleState[];
}

/** Empty: the root. null: there is no such module. */
export function listModule(running: Running, moduleId: string): ComponentJson[] | null {
  const { components, modules } = running;
  if (moduleId !== '' && !modules.some(({ module }) => module.moduleIds.includes(moduleId))) return null;
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
  const instance = running.modules.find(({ module: one }) => one.id === id)?.module;
  return instance === undefined
    ? listed
    : { ...listed, arguments: valuesJson(instance.args), exports: valuesJson(instance.exports) };
}

function runnersIn({ components, modules }: Running, moduleId: string): ComponentJson[] {
  const own = modules.filter(({ module }) => splitId(module.id).module === moduleId);
  if (own.length === 0) return [];
  const inside = healthInside(components, moduleId);
  return own.map(({ module, health }) => {
    const worst = inside.get(splitId(module.id).local) ?? health;
    const described = { ...module, health: isGraver(worst, health) ? worst : health };
    return { ...summary(described), createdModuleIDs: module.moduleIds };
  });
}

/** What runs modules is as well as what is inside: the gravest health, by id within the module. */
function healthInside(components: readonly ComponentState[], moduleId: string): ReadonlyMap<string, Health> {
  const prefix = moduleId === '' ? '' : `${moduleId}/`;
  const inside = new Map<string, Health>();
  for (const { node, health } of components) {
    if (!node.id.startsWith(prefix)) continue;
    const end = node.id.indexOf('/', prefix.length);
    if (end < 0) continue;
    const runner = node.id.slice(prefix.length, end);
    const before = inside.get(runner);
    if (before === undefined || isGraver(health, before)) inside.set(runner, health);
  }
  return inside;
}

function isGraver(a: Health, b: Health): boolean {
  const byState = HEALTH_STATES.indexOf(a.state) - HEALTH_STATES.indexOf(b.state);
  return byState > 0 || (byState === 0 && a.updatedMs > b.updatedMs);
}
