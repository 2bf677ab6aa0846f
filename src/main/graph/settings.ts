/** The blocks that exist once, evaluated after the components, whose exports they may use. */
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { references, type Reference } from '#config/eval/references.ts';
import type { Capsule } from '#config/eval/value.ts';
import { decode, defaults } from '#config/schema/schema.ts';
import { ALLOY_COMPONENTS } from './alloy-names.ts';
import { SETTING_BLOCKS, type Settings } from './blocks/settings.ts';
import { targetOf, unknownReference } from './edges.ts';
import type { LoadedModule } from './frame.ts';
import type { LoadContext } from './load-context.ts';

/** Stands for something that no attribute takes, so that the attribute says what is missing. */
const NOT_AVAILABLE: Capsule = { capsule: 'not available' };

export function evaluateSettings(context: LoadContext, root: LoadedModule): Settings {
  const settings: Record<string, unknown> = {};
  for (const [name, { args: schema }] of SETTING_BLOCKS) {
    const written = root.table.settings.get(name);
    if (written === undefined) {
      settings[name] = defaults(schema);
      continue;
    }
    const { block, file, span } = written;
    context.report.add(unresolvedIn(context, root, references(file.source, block.body)));
    const evaluated = evaluateBody(file.source, block.body, root.scope);
    const decoded = decode(schema, evaluated.body, span);
    settings[name] = decoded.args;
    context.report.add([...evaluated.diagnostics, ...decoded.diagnostics]);
  }
  return settings as unknown as Settings;
}

/** References that lead nowhere. An export of a component that this version does not have gets a value, see above. */
function unresolvedIn(
  { options }: LoadContext,
  { table, names, isName }: LoadedModule,
  found: readonly Reference[],
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const reference of found) {
    const { path, called } = reference;
    if (called || isName(path[0]) || targetOf(reference, table.nodes) !== undefined) continue;
    const component = path.map((_, i) => path.slice(0, i).join('.')).find((name) => ALLOY_COMPONENTS.has(name));
    if (component !== undefined && !options.components.has(component)) {
      names.set(path.join('.'), NOT_AVAILABLE);
      continue;
    }
    names.leadNowhere(path.join('.'));
    if (targetOf(reference, table.broken) === undefined)
      diagnostics.push(unknownReference(reference, table.nodes.keys()));
  }
  return diagnostics;
}
