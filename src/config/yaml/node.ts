/**
 * YAML as the conversion sees it: values with their places, aliases resolved, references to the environment kept apart.
 * Nodes are immutable and may be shared: an alias is the very node that its anchor names.
 */

/** Offsets into the text of all documents together ({@link MergedSource}); `end` is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export type Scalar = string | bigint | number | boolean | null;

/** `${env:NAME:-fallback}` that stays a reference. */
export interface EnvironmentReference {
  readonly name: string;
  readonly fallback: string;
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: Scalar;
  /** As written: what a setting that takes text makes of it when it comes from an expansion. */
  readonly text: string;
  /** It came out of `${...}`: a setting that takes text takes it whatever it looks like. */
  readonly expanded?: true;
  /** Text and references in turn, where references stay. `value` is the text as written then. */
  readonly parts?: readonly (string | EnvironmentReference)[];
  /** Stands for what another component exports: `local.file.default.content`. Made by hooks only. */
  readonly reference?: readonly string[];
  readonly at: Range;
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: Range;
  readonly value: YamlNode;
}
export interface MapNode {
  readonly kind: 'map';
  /** In order of writing, by key. */
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly at: Range;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly at: Range;
}

export type YamlNode = ScalarNode | MapNode | ListNode;

export function isNull(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null && node.parts === undefined);
}

/** How Go names the type, as the Collector's messages do. */
export function goType(node: YamlNode): string {
  if (node.kind === 'map') return 'map[string]interface {}';
  if (node.kind === 'list') return '[]interface {}';
  switch (typeof node.value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float64';
    default:
      return 'nil';
  }
}
