/**
 * YAML texts as values, as Go's yaml.v3 reads them into nothing in particular: the first document; `<<` merges; keys are
 * texts. What aliases stand for is one value in several places, so they cost nothing here, but what they add up to is bounded.
 */
import { scalarValue } from '#config/yaml/scalar.ts';
import { yaml, type Node } from '#config/yaml/yaml.ts';
import { FunctionError, isArray, isObject, type ArrayValue, type ObjectValue, type Value } from '../value.ts';
import { boundElements, boundText, MAX_DEPTH } from './function.ts';

/** Characters. The parser takes a second for a million. */
const MAX_YAML = 2 * 1024 * 1024;

export function parseYaml(text: string): Value {
  if (text.length > MAX_YAML) throw new FunctionError(`is longer than ${MAX_YAML} characters`, 0);
  const { parseDocument, LineCounter } = yaml();
  const lines = new LineCounter();
  try {
    // Scalars stay texts: what they stand for is Go's choice, not this parser's.
    const document = parseDocument(text, {
      schema: 'failsafe',
      // Seen below, without comparing each key with each.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter: lines,
    });
    const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
    const fail = (problem: string, offset: number | undefined): never => {
      const { line, col } = lines.linePos(offset ?? 0);
      throw new FunctionError(`is not valid YAML: ${problem} (line ${line}, column ${col})`, 0);
    };
    if (error !== undefined) fail(problemOf(error.code), error.pos[0]);
    return document.contents === null ? null : new Reader(fail).value(document.contents, 0).value;
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new FunctionError(`is nested more than ${MAX_DEPTH} levels deep`, 0);
    throw thrown;
  }
}

/** The parser's message may quote the text, which may be sensitive. */
function problemOf(code: string): string {
  return code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : code.toLowerCase().replaceAll('_', ' ');
}

/** A value with the number of values and of characters that it takes when it is written out. */
interface Sized {
  readonly value: Value;
  readonly elements: number;
  readonly characters: number;
}

class Reader {
  readonly #fail: (problem: string, offset: number | undefined) => never;
  readonly #anchors = new Map<string, Sized | 'open'>();
  readonly #is = yaml();

  constructor(fail: (problem: string, offset: number | undefined) => never) {
    this.#fail = fail;
  }

  value(node: Node | null, depth: number): Sized {
    const at = node?.range?.[0];
    if (depth > MAX_DEPTH) return this.#fail(`more than ${MAX_DEPTH} levels`, at);
    if (node === null) return { value: null, elements: 1, characters: 0 };
    if (this.#is.isAlias(node)) {
      const meant = this.#anchors.get(node.source);
      if (meant === undefined) return this.#fail('an alias without its anchor', at);
      return meant === 'open' ? this.#fail('an anchor that contains itself', at) : meant;
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, 'open');
    const sized = this.#read(node, depth);
    boundElements(sized.elements);
    boundText(sized.characters);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, sized);
    return sized;
  }

  #read(node: Node, depth: number): Sized {
    if (this.#is.isSeq(node)) {
      const items = node.items.map((item) => this.value(item as Node | null, depth + 1));
      return whole(
        items.map((item) => item.value),
        items,
      );
    }
    if (this.#is.isMap(node)) return this.#map(node.items as readonly YamlPair[], depth);
    if (!this.#is.isScalar(node)) return this.#fail('something unexpected', node.range?.[0]);
    const text = node.source ?? '';
    const value = scalarValue(text.toWellFormed(), node.type === 'PLAIN', node.tag === '!' ? undefined : node.tag);
    if (typeof value === 'object' && value !== null) return this.#fail(value.problem, node.range?.[0]);
    return { value, elements: 1, characters: text.length };
  }

  #map(pairs: readonly YamlPair[], depth: number): Sized {
    const fields = new Map<string, Value>();
    const parts: Sized[] = [];
    const merged: { readonly from: Sized; readonly at: number | undefined }[] = [];
    for (const { key, value } of pairs) {
      if (this.#isMerge(key)) {
        merged.push({ from: this.value(value, depth + 1), at: value?.range?.[0] });
        continue;
      }
      const name = this.value(key, depth + 1);
      if (typeof name.value !== 'string') return this.#fail('a key that is not a string', key?.range?.[0]);
      if (fields.has(name.value)) return this.#fail('a key that is there twice', key?.range?.[0]);
      const field = this.value(value, depth + 1);
      fields.set(name.value, field.value);
      parts.push(name, field);
    }
    for (const { from, at } of merged) {
      for (const source of isArray(from.value) ? from.value : [from.value]) {
        if (!isObject(source)) return this.#fail('a merge of something that is not a map', at);
        for (const [name, field] of source) if (!fields.has(name)) fields.set(name, field);
      }
      parts.push(from);
    }
    return whole(fields, parts);
  }

  #isMerge(key: Node | null): boolean {
    return this.#is.isScalar(key) && key.type === 'PLAIN' && key.value === '<<' && key.tag === undefined;
  }
}

interface YamlPair {
  readonly key: Node | null;
  readonly value: Node | null;
}

function whole(value: ArrayValue | ObjectValue, parts: readonly Sized[]): Sized {
  let elements = 1;
  let characters = 0;
  for (const part of parts) {
    elements += part.elements;
    characters += part.characters;
  }
  return { value, elements, characters };
}
