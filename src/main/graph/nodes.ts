/**
 * The node table of one module body: what each of its blocks is, and every reason why it cannot be that.
 */
import type { Component, Stability } from '#components/kit/component.ts';
import { at, diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import type { BlockStatement, File, Name, Statement } from '#config/syntax/ast.ts';
import { ALLOY_COMPONENTS, ALLOY_CONFIG_BLOCKS, REMOVED_COMPONENTS } from './alloy-names.ts';
import { foreachBlock } from './blocks/module-blocks.ts';
import { SETTING_BLOCKS } from './blocks/settings.ts';
import type { Declaration, Definitions } from './definitions.ts';
import type { ImportBlock } from './imports/import-block.ts';
import { IMPORT_BLOCKS } from './imports/list.ts';

/** Looking for what was meant takes time with every name: for the first ones only. */
export const MAX_SUGGESTIONS = 20;

/** Most stable first. */
export const STABILITIES: readonly Stability[] = ['generally-available', 'public-preview', 'experimental'];

/** What is wrong with the use of something that is less stable than allowed; undefined: nothing. */
export function stabilityProblem(
  what: string,
  stability: Stability,
  allowed: Stability,
): { readonly message: string; readonly help: string } | undefined {
  if (STABILITIES.indexOf(stability) <= STABILITIES.indexOf(allowed)) return undefined;
  return {
    message: `${what} is at stability level "${stability}", which is below the minimum allowed level "${allowed}"`,
    help: `run with --stability.level=${stability} to allow it`,
  };
}

/** A block as it was written. */
export interface Written {
  readonly block: BlockStatement;
  readonly file: File;
  /** The block's name. */
  readonly span: Span;
}

export type NodeKind =
  | { readonly kind: 'component'; readonly component: Component }
  /** Of a custom component. */
  | { readonly kind: 'instance' }
  | { readonly kind: 'import'; readonly importBlock: ImportBlock }
  | { readonly kind: 'foreach' }
  | { readonly kind: 'export' };

export type BlockNode = Written &
  NodeKind & {
    /** Within its module: `otelcol.processor.batch.default` */
    readonly id: string;
    /** Empty only where a custom component has none. */
    readonly label: string;
  };

export interface NodeTable {
  /** By id, in the order of writing. */
  readonly nodes: ReadonlyMap<string, BlockNode>;
  /** Blocks that exist once, by name. */
  readonly settings: ReadonlyMap<string, Written>;
  /** `argument` blocks by label. */
  readonly arguments: ReadonlyMap<string, Written>;
  /** Ids of blocks that were written but cannot be used; their diagnostics are here, references to them need no more. */
  readonly broken: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Available {
  /** By name. */
  readonly components: ReadonlyMap<string, Component>;
  /** By name; all that there are unless given. */
  readonly imports?: ReadonlyMap<string, ImportBlock>;
  /** The least stable level that may be used. */
  readonly stability: Stability;
}

/** `root`: the configuration itself. `module`: the body of a custom component. `library`: what is imported. `template`: of a foreach. */
export type BodyKind = 'root' | 'module' | 'library' | 'template';

export interface Part {
  readonly statement: Statement;
  readonly file: File;
}

/** What `declare` and `import` blocks define is entered into `definitions`. */
export function nodeTable(
  parts: readonly Part[],
  kind: BodyKind,
  definitions: Definitions,
  available: Available,
): NodeTable {
  const table = new TableBuilder(kind, definitions, available);
  // A custom component may be used above the place where it is declared.
  for (const { statement, file } of parts) if (statement.kind === 'block') table.define(statement, file);
  for (const { statement, file } of parts) table.add(statement, file);
  return table;
}

class TableBuilder implements NodeTable {
  readonly nodes = new Map<string, BlockNode>();
  readonly settings = new Map<string, Written>();
  readonly arguments = new Map<string, Written>();
  readonly broken = new Set<string>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #kind: BodyKind;
  readonly #definitions: Definitions;
  readonly #available: Available;
  readonly #imports: ReadonlyMap<string, ImportBlock>;
  #unknowns = 0;
  /** Where each id was written first, whether it turned out well or not. */
  readonly #written = new Map<string, Span>();

  constructor(kind: BodyKind, definitions: Definitions, available: Available) {
    this.#kind = kind;
    this.#definitions = definitions;
    this.#available = available;
    this.#imports = available.imports ?? IMPORT_BLOCKS;
  }

  define(block: BlockStatement, file: File): void {
    if (block.label === null) return;
    const { text: name } = block.name;
    const { text: label } = block.label;
    if (name === 'declare' && !this.#definitions.declares.has(label)) {
      const declaration: Declaration = { name: label, block, file, home: this.#definitions };
      this.#definitions.declares.set(label, declaration);
    } else if (this.#imports.has(name) && !this.#definitions.imports.has(label)) {
      this.#definitions.imports.set(label, 'unknown');
    }
  }

  add(statement: Statement, file: File): void {
    const span = file.source.span(statement.name.start, statement.name.end);
    const name = statement.name.text;
    if (statement.kind === 'attr') {
      this.#error(
        'unknown_name',
        `unrecognized attribute "${name}" at the top level`,
        span,
        'only blocks may stand here: components and configuration blocks',
      );
    } else if (ALLOY_CONFIG_BLOCKS.has(name)) this.#configBlock({ block: statement, file, span });
    else this.#component({ block: statement, file, span });
  }

  #configBlock(written: Written): void {
    const { block, span } = written;
    const name = block.name.text;
    const setting = SETTING_BLOCKS.get(name);
    const importBlock = this.#imports.get(name);
    if (setting !== undefined) {
      if (this.#kind !== 'root')
        return this.#error('misplaced', `block "${name}" may only stand in the configuration itself`, span);
      this.#stableEnough(`block "${name}"`, setting.stability, span);
      this.#unlabelled(written);
      if (this.#first(name, span, 'there is one for the whole configuration: remove one of them'))
        this.settings.set(name, written);
    } else if (name === 'remotecfg') {
      this.#error(
        'not_offered',
        'block "remotecfg" is not offered: millrace is not managed by a remote configuration service',
        span,
        'import.http and import.git fetch configuration from elsewhere and follow its changes',
      );
    } else if (importBlock !== undefined) {
      this.#stableEnough(`block "${name}"`, importBlock.stability, span);
      // A namespace is one, whatever kind of import it comes from.
      this.#node(written, { kind: 'import', importBlock }, (label) => `import.${label}`);
    } else if (name === 'declare') {
      this.#declare(written);
    } else if (name === 'argument' || name === 'export') {
      if (this.#kind !== 'module')
        return this.#error('misplaced', `block "${name}" may only stand in the body of a declare block`, span);
      if (name === 'export') return this.#node(written, { kind: 'export' });
      const label = this.#labelOf(written);
      if (label !== undefined && this.#first(`argument.${label}`, span, 'give one of them another label'))
        this.arguments.set(label, written);
    } else if (name === 'foreach') {
      this.#stableEnough('block "foreach"', foreachBlock.stability, span);
      this.#node(written, { kind: 'foreach' });
    } else this.#error('not_available', `block "${name}" is not available yet in this version of millrace`, span);
  }

  #component(written: Written): void {
    const { block, span } = written;
    const name = block.name.text;
    if (this.#kind === 'library')
      return this.#error(
        'misplaced',
        `component "${name}" may not stand at the top level of a module`,
        span,
        'a module holds declare and import blocks: put the component into a declare block',
      );
    const component = this.#available.components.get(name);
    if (component !== undefined) {
      this.#stableEnough(`component "${name}"`, component.stability, span);
      return this.#node(written, { kind: 'component', component });
    }
    const dot = name.indexOf('.');
    const isCustom =
      dot < 0 ? this.#definitions.find(name) !== undefined : this.#definitions.hasNamespace(name.slice(0, dot));
    if (isCustom) return this.#enter(written, { kind: 'instance' }, block.label?.text ?? '');
    this.broken.add(block.label === null ? name : `${name}.${block.label.text}`);
    this.#unknown(name, span);
  }

  #declare(written: Written): void {
    const label = this.#labelOf(written);
    if (label === undefined || !this.#first(`declare.${label}`, written.span, 'give one of them another label')) return;
    if (!ALLOY_CONFIG_BLOCKS.has(label)) return;
    const { start, end } = written.block.label as Name;
    this.#error(
      'label',
      `"${label}" is not a valid label for a declare block: a configuration block has this name`,
      written.file.source.span(start, end),
    );
  }

  /** `unique` gives the id to tell it apart by, if that is not the node's own. */
  #node(written: Written, kind: NodeKind, unique?: (label: string) => string): void {
    const label = this.#labelOf(written);
    if (label !== undefined) this.#enter(written, kind, label, unique?.(label));
  }

  #enter(written: Written, kind: NodeKind, label: string, unique?: string): void {
    const name = written.block.name.text;
    const id = label === '' ? name : `${name}.${label}`;
    if (!this.#first(unique ?? id, written.span, 'give one of them another label')) return;
    this.nodes.set(id, { ...written, ...kind, id, label });
  }

  /** undefined: there is none, which has been told. */
  #labelOf({ block, span }: Written): string | undefined {
    if (block.label !== null) return block.label.text;
    const name = block.name.text;
    const what = ALLOY_CONFIG_BLOCKS.has(name) ? 'block' : 'component';
    this.#error('label', `${what} "${name}" must have a label`, span, `write ${name} "default" { ... }`);
    return undefined;
  }

  #unlabelled({ block, file }: Written): void {
    if (block.label === null) return;
    this.#error(
      'label',
      `block "${block.name.text}" does not support specifying labels`,
      file.source.span(block.label.start, block.label.end),
    );
  }

  #stableEnough(what: string, stability: Stability, span: Span): void {
    const problem = stabilityProblem(what, stability, this.#available.stability);
    if (problem !== undefined) this.#error('stability', problem.message, span, problem.help);
  }

  #first(id: string, span: Span, help: string): boolean {
    const before = this.#written.get(id);
    if (before === undefined) {
      this.#written.set(id, span);
      return true;
    }
    this.#error('duplicate', `block ${id} already declared at ${at(before)}`, span, help);
    return false;
  }

  #unknown(name: string, span: Span): void {
    const replacement = REMOVED_COMPONENTS.get(name);
    if (replacement !== undefined) {
      return this.#error('not_available', `component "${name}" was removed from Alloy`, span, `use ${replacement}`);
    }
    if (ALLOY_COMPONENTS.has(name)) {
      return this.#error('not_available', `component "${name}" is not available yet in this version of millrace`, span);
    }
    const known = [
      ...this.#definitions.names(),
      ...this.#available.components.keys(),
      ...ALLOY_CONFIG_BLOCKS,
      ...ALLOY_COMPONENTS,
    ];
    const help = this.#unknowns++ < MAX_SUGGESTIONS ? didYouMean(name, known) : undefined;
    this.#error('unknown_name', `cannot find the definition of component name "${name}"`, span, help);
  }

  #error(code: string, message: string, span: Span, help?: string): void {
    this.diagnostics.push(diagnostic('error', code, message, span, help));
  }
}
