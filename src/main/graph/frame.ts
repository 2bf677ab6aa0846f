/** A module body in its place, and what comes of loading it. */
import type { Names } from '#config/eval/names.ts';
import type { Scope } from '#config/eval/scope.ts';
import type { Value } from '#config/eval/value.ts';
import type { Declaration, Definitions } from './definitions.ts';
import type { GraphNode, ModuleInstance } from './graph.ts';
import type { BodyKind, NodeTable, Part } from './nodes.ts';

export interface Import {
  /** `import.file` */
  readonly kind: string;
  readonly args: unknown;
  readonly label: string;
}

export interface Frame {
  /** Global id of the module; empty for the root. */
  readonly id: string;
  readonly kind: BodyKind;
  readonly parts: readonly Part[];
  /** Filled with what the body defines. */
  readonly definitions: Definitions;
  /** Further first names: `argument`, the variable of a foreach. */
  readonly values: ReadonlyMap<string, Value>;
  /** Nodes around a foreach by id, which its template may use. */
  readonly outer: ReadonlyMap<string, Value>;
  /** The custom components that this body is inside of, outermost first. */
  readonly chain: readonly Declaration[];
  /** The imports that this body is inside of, outermost first. */
  readonly imports: readonly Import[];
  /** The instances that this body is inside of, innermost first, as messages name them. Empty: it is the same in all. */
  readonly where: readonly string[];
  /** Only looked at: nothing of it will run. */
  readonly check: boolean;
}

export interface LoadedModule {
  readonly nodes: readonly GraphNode[];
  readonly modules: readonly ModuleInstance[];
  /** By label; {@link UNKNOWN} for what could not be evaluated. */
  readonly exports: ReadonlyMap<string, Value>;
  readonly table: NodeTable;
  readonly names: Names;
  readonly scope: Scope;
  /** Whether a first name is one that needs no node: of the standard library, of a value. */
  readonly isName: (name: string) => boolean;
}

/** What became of one node. */
export interface NodeResult {
  readonly nodes: readonly GraphNode[];
  readonly modules: readonly ModuleInstance[];
}
export const NOTHING: NodeResult = { nodes: [], modules: [] };
