/** The blocks that exist once, evaluated after the components, whose exports they may use. */
import { diagnostic, hasErrors, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { references, type Reference } from '#config/eval/references.ts';
import type { Capsule } from '#config/eval/value.ts';
import { decode, defaults, type ArgumentsOf, type Shape } from '#config/schema/schema.ts';
import { MillraceError } from '#shared/errors.ts';
import { ALLOY_COMPONENTS } from './alloy-names.ts';
import type { ConfigBlock } from './blocks/config-block.ts';
import { SETTING_BLOCKS, type Settings } from './blocks/settings.ts';
import { targetOf, unknownReference } from './edges.ts';
import type { LoadedModule } from './frame.ts';
import type { LoadContext } from './load-context.ts';

/** Stands for something that no attribute takes, so that the attribute says what is missing. */
const NOT_AVAILABLE: Capsule = { capsule: 'not available' };

export function evaluateSettings(context: LoadContext, root: LoadedModule): Settings {
  const settings: Record<string, unknown> = {};
  for (const [name, known] of SETTING_BLOCKS) {
    const { args: schema } = known;
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
    const found = [...evaluated.diagnostics, ...decoded.diagnostics];
    context.report.add(found);
    if (context.options.provide !== null && decoded.sound && !hasErrors(found))
      context.report.add(checked(known, decoded.args, span));
  }
  return settings as unknown as Settings;
}

/** What is wrong with what a block names and does not hold. Nobody looks at that where the configuration is not meant to run. */
function checked(block: ConfigBlock, args: ArgumentsOf<Shape>, span: Span): Diagnostic[] {
  try {
    block.check?.(args);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    return [diagnostic('error', 'invalid', thrown.message, span)];
  }
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
