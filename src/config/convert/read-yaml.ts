/**
 * YAML text to {@link YamlNode}. Nothing is thrown: what is wrong is reported at its place, and what can be read is given
 * back. Bounded against aliases of aliases and against nesting.
 */
import type { MapEntry, Range, Scalar, YamlNode } from '#config/yaml/node.ts';
import { plainScalar } from '#config/yaml/scalar.ts';
import { yaml } from '#config/yaml/yaml.ts';
import type { Problems } from './problems.ts';

/** Levels inside each other. */
const MAX_DEPTH = 200;
const TOO_DEEP = 'yaml: too many levels inside each other';
/** The first ones say what is wrong, the rest follows from it. */
const MAX_SYNTAX_ERRORS = 20;
/** Values in one document, each alias counted as what it stands for. */
const MAX_VALUES = 200_000;

/**
 * null when the text is empty or no YAML at all. Where the text is: `base` is added to every position, or everything is at one
 * place.
 */
export function readYaml(text: string, where: number | Range, problems: Problems): YamlNode | null {
  const place = (start: number, end: number): Range =>
    typeof where === 'number' ? { start: where + start, end: where + end } : where;
  let document;
  try {
    document = yaml().parseDocument(text, {
      schema: 'failsafe',
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    });
  } catch (thrown) {
    // The parser walks nested brackets by recursion.
    if (!(thrown instanceof RangeError)) throw thrown;
    problems.read('syntax', TOO_DEEP, place(0, 0));
    return null;
  }
  for (const { code, message, pos } of document.errors.slice(0, MAX_SYNTAX_ERRORS)) {
    // The position may be that of the white space before.
    const blanks = /^\s*/.exec(text.slice(pos[0], pos[0] + 200))![0].length;
    const start = pos[0] + blanks < text.length ? pos[0] + blanks : pos[0];
    const at = place(start, Math.max(start, pos[1]));
    if (code === 'MULTIPLE_DOCS') problems.warn('documents', 'only the first document of the file is read', at);
    else if (code === 'RESOURCE_EXHAUSTION') problems.read('syntax', TOO_DEEP, at);
    else problems.read('syntax', `yaml: ${message.split('\n')[0]}`, at, unquoted(text, start));
    // The parser is lost from here on: what it says of the rest is no help.
    if (message.includes('token in YAML stream') || code === 'RESOURCE_EXHAUSTION') break;
  }
  if (problems.critical || document.contents === null) return null;
  return new Reader(place, problems).node(document.contents, place(0, 0), 0).node;
}

type Place = (start: number, end: number) => Range;

/** `{ a: ${b} }` is the usual mistake: between brackets the brace begins a map. */
function unquoted(text: string, at: number): string | undefined {
  return text.slice(at - 1, at + 1) === '${' ? 'write quotes around "${...}"' : undefined;
}

interface Weighed {
  readonly node: YamlNode;
  /** Number of values in it. */
  readonly weight: number;
}

class Reader {
  readonly #yaml = yaml();
  readonly #place: Place;
  readonly #problems: Problems;
  /** undefined while the anchored value is being read. */
  readonly #anchors = new Map<string, Weighed | undefined>();

  constructor(place: Place, problems: Problems) {
    this.#place = place;
    this.#problems = problems;
  }

  /** `fallback` is the place of a value that has none of its own. */
  node(written: unknown, fallback: Range, depth: number): Weighed {
    const at = this.#rangeOf(written) ?? fallback;
    if (depth > MAX_DEPTH) return this.#refuse(TOO_DEEP, at);
    const { isAlias } = this.#yaml;
    if (isAlias(written)) return this.#alias(written.source, at);
    const anchor = (written as { readonly anchor?: string } | null)?.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const read = this.#value(written, at, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, read);
    return read.weight > MAX_VALUES ? this.#refuse('yaml: document contains excessive aliasing', at) : read;
  }

  #value(written: unknown, at: Range, depth: number): Weighed {
    const { isMap, isPair, isScalar, isSeq } = this.#yaml;
    if (isMap(written)) return this.#map(written.items, at, depth);
    if (isSeq(written)) {
      const items = written.items.map((item) => this.node(item, at, depth + 1));
      return { node: { kind: 'list', items: items.map((i) => i.node), at }, weight: weigh(items) };
    }
    // A pair inside a list without a map around it: `[a: 1]`.
    if (isPair(written)) return this.#map([written], at, depth);
    return isScalar(written) ? scalar(written, at) : { node: nothing(at), weight: 1 };
  }

  #map(pairs: readonly unknown[], at: Range, depth: number): Weighed {
    const { isPair, isScalar } = this.#yaml;
    const entries = new Map<string, MapEntry>();
    const merged: Weighed[] = [];
    const read: Weighed[] = [];
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      const keyAt = this.#rangeOf(pair.key) ?? at;
      const value = this.node(pair.value, keyAt, depth + 1);
      read.push(value);
      if (isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN') {
        merged.push(value);
        continue;
      }
      const key = this.#keyOf(pair.key, keyAt, depth);
      if (key === undefined) continue;
      if (entries.has(key)) {
        const first = entries.get(key)!.keyAt;
        this.#problems.read(
          'duplicate',
          `yaml: mapping key ${JSON.stringify(key)} already defined`,
          keyAt,
          `first ${this.#lineOf(first)}`,
        );
        continue;
      }
      entries.set(key, { key, keyAt, value: value.node });
    }
    // YAML's merge key: what is written in the map itself wins, then the earlier source.
    for (const { node } of merged) this.#merge(entries, node, at);
    return { node: { kind: 'map', entries, at }, weight: weigh(read) };
  }

  #merge(entries: Map<string, MapEntry>, from: YamlNode, at: Range): void {
    const maps = from.kind === 'list' ? from.items : [from];
    for (const map of maps) {
      if (map.kind !== 'map')
        return this.#problems.read('merge', 'yaml: map merge requires map or sequence of maps as the value', at);
      for (const [key, entry] of map.entries) if (!entries.has(key)) entries.set(key, entry);
    }
  }

  #keyOf(key: unknown, at: Range, depth: number): string | undefined {
    const { node } = this.node(key, at, depth + 1);
    if (node.kind === 'scalar') return node.text;
    this.#problems.read('key', 'yaml: a key must be a word, not a map or a list', at);
    return undefined;
  }

  #alias(name: string, at: Range): Weighed {
    const known = this.#anchors.get(name);
    if (known !== undefined) return known;
    return this.#refuse(
      this.#anchors.has(name)
        ? `yaml: anchor '${name}' value contains itself`
        : `yaml: unknown anchor '${name}' referenced`,
      at,
    );
  }

  #refuse(message: string, at: Range): Weighed {
    this.#problems.read('syntax', message, at);
    return { node: nothing(at), weight: 1 };
  }

  #rangeOf(written: unknown): Range | undefined {
    const range = (written as { readonly range?: readonly number[] | null } | null)?.range;
    return range === undefined || range === null ? undefined : this.#place(range[0], range[1]);
  }

  #lineOf({ start, end }: Range): string {
    const { file, line, col } = this.#problems.source.span(start, end);
    return `at ${file}:${line}:${col}`;
  }
}

const weigh = (inside: readonly Weighed[]): number => inside.reduce((sum, { weight }) => sum + weight, 1);
const nothing = (at: Range): YamlNode => ({ kind: 'scalar', value: null, text: '', at });

function scalar(
  written: { readonly value: unknown; readonly type?: string; readonly tag?: string },
  at: Range,
): Weighed {
  const text = typeof written.value === 'string' ? written.value : '';
  const asText = written.tag === 'tag:yaml.org,2002:str' || (written.type !== undefined && written.type !== 'PLAIN');
  const value: Scalar = asText ? text : plainScalar(text);
  return { node: { kind: 'scalar', value, text, at }, weight: 1 };
}
