/**
 * `import.*` blocks: where the text of a module comes from. Each kind is one file of this folder; it is a provider like
 * `local.file`, whose export is the module.
 */
import type { ProviderContext, Provider, Stability } from '#components/kit/component.ts';
import type { ArgumentsOf, BodySchema, Shape } from '#config/schema/schema.ts';
import type { Source } from '../source.ts';

/** The text of a module as it was found. */
export interface ImportedModule {
  /** One file, or the `.alloy` files of a folder by name. Their names are what diagnostics show. */
  readonly sources: readonly Source[];
  /** What `module_path` stands for in there: the folder of the file, or the module's own. Empty where there is none. */
  readonly path: string;
  /** Its text must not be shown. */
  readonly secret?: boolean;
}

export interface ImportBlock<S extends Shape = Shape> {
  /** `import.file` */
  readonly name: string;
  readonly stability: Stability;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly args: BodySchema<S>;
  /** It needs nothing but this machine: it is read also when a configuration is only looked at. */
  readonly local: boolean;
  /** As for a component: other arguments make another provider; a change of the module is published. */
  create(args: ArgumentsOf<S>, ctx: ProviderContext<ImportedModule>): Provider<ImportedModule>;
}

/** Helper that gives a block its types. */
export function importBlock<S extends Shape>(block: ImportBlock<S>): ImportBlock<S> {
  return block;
}
