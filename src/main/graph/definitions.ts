/**
 * Custom components: what `declare` blocks define, and what imports bring. Names are looked up from the inside out; a body
 * sees the definitions around it, never the components around it.
 */
import type { BlockStatement, File } from '#config/syntax/ast.ts';

/** A `declare` block. */
export interface Declaration {
  /** The label: what the custom component is called, without a namespace. */
  readonly name: string;
  readonly block: BlockStatement;
  readonly file: File;
  /** Where names in its body that it does not define itself are looked up. */
  readonly home: Definitions;
}

/** What a name stands for. `unknown`: nobody can tell before the configuration runs, or why has been said already. */
export type Found = Declaration | 'unknown' | undefined;

export class Definitions {
  readonly parent: Definitions | null;
  /** What `module_path` stands for. */
  readonly path: string;
  readonly declares = new Map<string, Declaration>();
  /** Namespaces by label. Set to what they hold when the import has been loaded. */
  readonly imports = new Map<string, Definitions | 'unknown'>();

  constructor(parent: Definitions | null, path: string) {
    this.parent = parent;
    this.path = path;
  }

  /** `name` or `namespace.name`. */
  find(name: string): Found {
    const dot = name.indexOf('.');
    if (dot < 0) return this.declares.get(name) ?? this.parent?.find(name);
    const namespace = this.imports.get(name.slice(0, dot));
    if (namespace === undefined) return this.parent?.find(name);
    return namespace === 'unknown' ? 'unknown' : namespace.declares.get(name.slice(dot + 1));
  }

  /** Whether the first part of a name is a namespace here or further out. */
  hasNamespace(label: string): boolean {
    return this.imports.has(label) || this.parent?.hasNamespace(label) === true;
  }

  /** Every name that can be used here. */
  names(): string[] {
    const own = [...this.declares.keys()];
    for (const [label, inner] of this.imports)
      if (inner !== 'unknown') own.push(...[...inner.declares.keys()].map((name) => `${label}.${name}`));
    return [...own, ...(this.parent?.names() ?? [])];
  }
}
