/**
 * YAML as the Collector sees it: maps, lists and scalars that know their place. Several documents become one, later ones
 * override (confmap: maps are merged, lists and scalars are replaced).
 */
import { diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { decodeUtf8, type Source } from '#config/syntax/source.ts';
import { MAX_ALIASES, yaml, type Node as YamlPackageNode } from '#config/yaml/yaml.ts';

/** A stretch of one document's text. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export type YamlNode = YamlMap | YamlList | YamlScalar;
export interface YamlMap {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}
export interface YamlEntry {
  readonly key: Place;
  readonly value: YamlNode;
}
export interface YamlList {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly YamlNode[];
}
export interface YamlScalar {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: string | number | bigint | boolean | null;
  /** As written, without quotes. */
  readonly text: string;
}

const MAX_DEPTH = 100;
/** Nodes after aliases are expanded. */
const MAX_NODES = 1_000_000;

export interface Read {
  /** null: there is nothing, or it cannot be read. */
  readonly root: YamlNode | null;
  readonly source: Source;
  readonly diagnostics: readonly Diagnostic[];
}

export function spanOf({ source, start, end }: Place): Span {
  return source.span(start, end);
}

export function readYaml(name: string, bytes: Uint8Array): Read {
  const { source, diagnostics: undecodable } = decodeUtf8(name, bytes);
  const { parseDocument, isAlias, isMap, isScalar, isSeq } = yaml();
  const found: Diagnostic[] = [...undecodable];
  const error = (message: string, start: number, end: number): void =>
    void found.push(diagnostic('error', 'yaml', message, source.span(start, Math.max(start, end))));
  const document = parseDocument(source.text, {
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
    intAsBigInt: true,
  });
  for (const { message, pos } of document.errors.slice(0, 100)) {
    // The position may be that of the white space before.
    const blanks = /^\s*/.exec(source.text.slice(pos[0], pos[0] + 200))?.[0].length ?? 0;
    const start = pos[0] + blanks < source.text.length ? pos[0] + blanks : pos[0];
    error(firstLine(message), start, pos[1]);
  }
  if (found.length > 0) return { root: null, source, diagnostics: found };

  let aliases = 0;
  let nodes = 0;
  const convert = (node: YamlPackageNode | null, fallback: Place, depth: number): YamlNode => {
    const range = node?.range;
    const place: Place = range === null || range === undefined ? fallback : { source, start: range[0], end: range[1] };
    const nothing: YamlNode = { kind: 'scalar', place, value: null, text: '' };
    if (node === null || found.length > 0) return nothing;
    if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
      error(depth > MAX_DEPTH ? `nested more than ${MAX_DEPTH} levels deep` : 'too large', place.start, place.start);
      return nothing;
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined || ++aliases > MAX_ALIASES) {
        error(
          target === undefined ? `alias "${node.source}" stands for nothing` : 'too many aliases',
          place.start,
          place.end,
        );
        return nothing;
      }
      return convert(target, place, depth + 1);
    }
    if (isMap(node)) {
      const entries = new Map<string, YamlEntry>();
      for (const { key, value } of node.items) {
        const keyNode = convert(key as YamlPackageNode, place, depth + 1);
        const inner = convert(value as YamlPackageNode | null, keyNode.place, depth + 1);
        if (keyNode.kind === 'scalar' && keyNode.text === '<<') {
          const merged = inner.kind === 'list' ? inner.items : [inner];
          for (const one of merged)
            if (one.kind === 'map')
              for (const [name, entry] of one.entries) if (!entries.has(name)) entries.set(name, entry);
        } else entries.set(keyNode.kind === 'scalar' ? keyNode.text : '', { key: keyNode.place, value: inner });
      }
      return { kind: 'map', place, entries };
    }
    if (isSeq(node))
      return {
        kind: 'list',
        place,
        items: node.items.map((item) => convert(item as YamlPackageNode, place, depth + 1)),
      };
    if (isScalar(node)) {
      const value = node.value as YamlScalar['value'];
      const text = typeof value === 'string' ? value : (node.source ?? String(value ?? ''));
      return { kind: 'scalar', place, value, text };
    }
    return nothing;
  };
  const whole: Place = { source, start: 0, end: 0 };
  const root = document.contents === null ? null : convert(document.contents, whole, 0);
  return { root: found.length > 0 ? null : root, source, diagnostics: found };
}

function firstLine(text: string): string {
  return text.split('\n')[0];
}

/** `over` on top of `under`. */
export function merge(under: YamlNode, over: YamlNode): YamlNode {
  if (under.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(under.entries);
  for (const [name, entry] of over.entries) {
    const before = entries.get(name);
    entries.set(name, before === undefined ? entry : { key: entry.key, value: merge(before.value, entry.value) });
  }
  return { kind: 'map', place: over.place, entries };
}

export function isNull(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null);
}

/** The entry under a dotted path; undefined: there is none. */
export function entryAt(node: YamlNode, path: string): YamlEntry | undefined {
  let entry: YamlEntry | undefined;
  let level: YamlNode = node;
  for (const name of path.split('.')) {
    entry = level.kind === 'map' ? level.entries.get(name) : undefined;
    if (entry === undefined) return undefined;
    level = entry.value;
  }
  return entry;
}
