/** A node of a file that was found to be in order, for those who take it apart: its members by name, and where they stand. */
import { diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import type { Source } from '#config/syntax/source.ts';
import type { MapNode, Range, YamlNode } from '#config/yaml/node.ts';
import { isMap, valueOf, type ValueMap } from '../items/value.ts';

export class Places {
  readonly source: Source;
  readonly found: Diagnostic[] = [];

  constructor(source: Source) {
    this.source = source;
  }

  span({ start, end }: Range): Span {
    return this.source.span(start, end);
  }

  error(code: string, message: string, at: Range, help?: string): void {
    this.found.push(diagnostic('error', code, message, this.span(at), help));
  }
}

export function member(node: YamlNode, key: string): YamlNode | undefined {
  return node.kind === 'map' ? node.entries.get(key)?.value : undefined;
}

export const itemsIn = (node: YamlNode | undefined): readonly YamlNode[] => (node?.kind === 'list' ? node.items : []);

/** The text of a scalar, as written. */
export const textIn = (node: YamlNode | undefined): string | null =>
  node?.kind === 'scalar' ? (typeof node.value === 'string' ? node.value : node.text) : null;

export const flagIn = (node: YamlNode, key: string): boolean => {
  const flag = member(node, key);
  return flag?.kind === 'scalar' && flag.value === true;
};

export function mapIn(node: YamlNode | undefined): ValueMap | null {
  const value = node === undefined ? null : valueOf(node);
  return isMap(value) ? value : null;
}

export function textsIn(node: YamlNode | undefined): Readonly<Record<string, string>> {
  if (node?.kind !== 'map') return {};
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, textIn(value) ?? '']));
}

export const entriesIn = (node: MapNode): readonly (readonly [string, YamlNode, Range])[] =>
  [...node.entries.values()].map(({ key, value, keyAt }) => [key, value, keyAt]);
