/**
 * Ids of nodes. In the root module a node's id is `otelcol.processor.batch.default`; inside a module instance it has the
 * instance's id in front: `my.gateway.a/otelcol.processor.batch.default`, and so on inward.
 */

/** How logs and metrics name a node (grafana/alloy: `component_path` is the module, `/` for the root). */
export interface NodeLabels extends Readonly<Record<string, string>> {
  readonly component_path: string;
  readonly component_id: string;
}

export function nodeLabels(id: string): NodeLabels {
  const { module, local } = splitId(id);
  return { component_path: `/${module}`, component_id: local };
}

/** `module` is empty for the root. */
export function splitId(id: string): { readonly module: string; readonly local: string } {
  const at = id.lastIndexOf('/');
  return at < 0 ? { module: '', local: id } : { module: id.slice(0, at), local: id.slice(at + 1) };
}

/** The id of `local` inside `module` (empty: the root). */
export function joinId(module: string, local: string): string {
  return module === '' ? local : `${module}/${local}`;
}
