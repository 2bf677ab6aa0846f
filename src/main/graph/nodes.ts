/**
 * The node table: what each top-level block of the configuration is, and every reason why it cannot be that.
 */
import type { Component, Stability } from '#components/kit/component.ts';
import { at, diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import type { BlockStatement, File, Statement } from '#config/syntax/ast.ts';
import { SETTING_BLOCKS } from './blocks/settings.ts';
import { ALLOY_COMPONENTS, ALLOY_CONFIG_BLOCKS, REMOVED_COMPONENTS } from './alloy-names.ts';

/** Most stable first. */
const STABILITIES: readonly Stability[] = ['generally-available', 'public-preview', 'experimental'];

export interface BlockNode {
  /** `otelcol.processor.batch.default` */
  readonly id: string;
  readonly label: string;
  readonly component: Component;
  readonly block: BlockStatement;
  readonly file: File;
  /** The block's name. */
  readonly span: Span;
}

/** A block that exists once, as it was written. */
export interface SettingNode {
  readonly block: BlockStatement;
  readonly file: File;
}

export interface NodeTable {
  /** By id, in the order of writing. */
  readonly components: ReadonlyMap<string, BlockNode>;
  /** Blocks that exist once, by name. */
  readonly settings: ReadonlyMap<string, SettingNode>;
  /** Ids of blocks that were written but cannot be used; their diagnostics are here, references to them need no more. */
  readonly broken: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Available {
  /** By name. */
  readonly components: ReadonlyMap<string, Component>;
  /** The least stable level that may be used. */
  readonly stability: Stability;
}

export function nodeTable(files: readonly File[], available: Available): NodeTable {
  const table = new TableBuilder(available);
  for (const file of files) for (const statement of file.body) table.add(statement, file);
  return table;
}

class TableBuilder implements NodeTable {
  readonly components = new Map<string, BlockNode>();
  readonly settings = new Map<string, SettingNode>();
  readonly broken = new Set<string>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #available: Available;
  /** Where each id was written first, whether it turned out well or not. */
  readonly #written = new Map<string, Span>();

  constructor(available: Available) {
    this.#available = available;
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
    } else if (ALLOY_CONFIG_BLOCKS.has(name)) this.#configBlock(statement, file, span);
    else this.#component(statement, file, span);
  }

  #configBlock(block: BlockStatement, file: File, span: Span): void {
    const name = block.name.text;
    const known = SETTING_BLOCKS.get(name);
    if (known === undefined)
      return this.#error('not_available', `block "${name}" is not available yet in this version of millrace`, span);
    this.#stableEnough(`block "${name}"`, known.stability, span);
    if (block.label !== null)
      this.#error(
        'label',
        `block "${name}" does not support specifying labels`,
        file.source.span(block.label.start, block.label.end),
      );
    if (this.#first(name, span, 'there is one for the whole configuration: remove one of them'))
      this.settings.set(name, { block, file });
  }

  #component(block: BlockStatement, file: File, span: Span): void {
    const name = block.name.text;
    const component = this.#available.components.get(name);
    if (component === undefined) {
      this.broken.add(block.label === null ? name : `${name}.${block.label.text}`);
      return this.#unknown(name, span);
    }
    this.#stableEnough(`component "${name}"`, component.stability, span);
    if (block.label === null) {
      return this.#error('label', `component "${name}" must have a label`, span, `write ${name} "default" { ... }`);
    }
    const label = block.label.text;
    const id = `${name}.${label}`;
    if (this.#first(id, span, 'give one of them another label'))
      this.components.set(id, { id, label, component, block, file, span });
  }

  #stableEnough(what: string, stability: Stability, span: Span): void {
    if (STABILITIES.indexOf(stability) <= STABILITIES.indexOf(this.#available.stability)) return;
    this.#error(
      'stability',
      `${what} is at stability level "${stability}", which is below the minimum allowed level "${this.#available.stability}"`,
      span,
      `run with --stability.level=${stability} to allow it`,
    );
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
    const known = [...this.#available.components.keys(), ...ALLOY_CONFIG_BLOCKS, ...ALLOY_COMPONENTS];
    this.#error(
      'unknown_name',
      `cannot find the definition of component name "${name}"`,
      span,
      didYouMean(name, known),
    );
  }

  #error(code: string, message: string, span: Span, help?: string): void {
    this.diagnostics.push(diagnostic('error', code, message, span, help));
  }
}
