/** Holds a file against the schema: everything that is wrong, each at its place, with the key or the value that was probably meant. */
import { diagnostic, type Diagnostic } from '#config/diag/diagnostic.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import type { Source } from '#config/syntax/source.ts';
import type { MapNode, Range, YamlNode } from '#config/yaml/node.ts';
import type { JsonType, RootSchema, Schema } from './json-schema.ts';

const WORDS: Readonly<Record<JsonType, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
};

export function check(root: YamlNode, schema: RootSchema, source: Source): readonly Diagnostic[] {
  const checker = new Checker(schema, source);
  checker.check(root, schema);
  return checker.found;
}

class Checker {
  readonly found: Diagnostic[] = [];
  readonly #root: RootSchema;
  readonly #source: Source;

  constructor(root: RootSchema, source: Source) {
    this.#root = root;
    this.#source = source;
  }

  check(node: YamlNode, written: Schema): void {
    const schema = this.#resolved(written);
    if (schema.anyOf !== undefined) return this.#anyOf(node, schema, schema.anyOf);
    if (schema.type !== undefined && !hasType(node, schema.type))
      return this.#add('type', mismatch(schema, node), node.at);
    if (node.kind === 'map') this.#map(node, schema);
    else if (node.kind === 'list') {
      if (node.items.length < (schema.minItems ?? 0)) this.#add('missing', 'the list is empty', node.at);
      if (schema.items !== undefined) for (const item of node.items) this.check(item, schema.items);
    } else this.#scalar(node.value, schema, node.at);
  }

  #resolved(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    return this.#resolved(this.#root.$defs[schema.$ref.slice('#/$defs/'.length)]);
  }

  /** Of several that fit the type one must fit altogether; what the first one lacks is what is told. */
  #anyOf(node: YamlNode, schema: Schema, branches: readonly Schema[]): void {
    const fitting = this.#branches(branches).filter(({ type }) => type === undefined || hasType(node, type));
    if (fitting.length === 0) return this.#add('type', this.#mismatchOfAll(schema, branches, node), node.at);
    const tried = fitting.map((branch) => {
      const checker = new Checker(this.#root, this.#source);
      checker.check(node, branch);
      return checker.found;
    });
    if (tried.every(({ length }) => length > 0)) this.found.push(...this.#likeliest(tried));
  }

  #branches(branches: readonly Schema[]): readonly Schema[] {
    return branches
      .map((branch) => this.#resolved(branch))
      .flatMap((branch) => (branch.anyOf === undefined ? [branch] : this.#branches(branch.anyOf)));
  }

  #likeliest(tried: readonly (readonly Diagnostic[])[]): readonly Diagnostic[] {
    return tried.reduce((best, found) => (found.length < best.length ? found : best));
  }

  #mismatchOfAll({ title }: Schema, branches: readonly Schema[], node: YamlNode): string {
    const types = this.#branches(branches).flatMap(
      ({ type, title: own }) => own ?? (type === undefined ? [] : WORDS[type]),
    );
    const expected = title ?? [...new Set(types)].filter((word) => word !== WORDS.null).join(' or ');
    return `expected ${expected}, got ${nameOf(node)}`;
  }

  #map(node: MapNode, schema: Schema): void {
    const { properties = {}, required = [], additionalProperties = true } = schema;
    for (const { key, keyAt, value } of node.entries.values()) {
      if (Object.hasOwn(properties, key)) this.check(value, properties[key]);
      else if (typeof additionalProperties === 'object') this.check(value, additionalProperties);
      else if (!additionalProperties)
        this.#add('unknown_name', `unknown key ${JSON.stringify(key)}`, keyAt, this.#meant(key, properties));
    }
    const missing = required.filter((key) => !node.entries.has(key));
    const start = { start: node.at.start, end: node.at.start };
    if (missing.length > 0)
      this.#add('missing', `${missing.map((key) => JSON.stringify(key)).join(' and ')} is missing`, start);
    const size = node.entries.size;
    if (size < (schema.minProperties ?? 0))
      this.#add('missing', `expected one of ${Object.keys(properties).join(', ')}`, start);
    if (size > (schema.maxProperties ?? Infinity))
      this.#add('invalid', `only one of ${Object.keys(properties).join(', ')} can stand here`, start);
  }

  #meant(key: string, properties: Readonly<Record<string, Schema>>): string {
    return didYouMean(key, Object.keys(properties)) ?? `there may be ${Object.keys(properties).join(', ')}`;
  }

  #scalar(value: string | bigint | number | boolean | null, schema: Schema, at: Range): void {
    const shown = JSON.stringify(typeof value === 'bigint' ? Number(value) : value);
    if (schema.const !== undefined && Number(value) !== Number(schema.const))
      this.#add('invalid', `expected ${schema.const}, got ${shown}`, at);
    if (schema.enum !== undefined && !schema.enum.includes(value as string))
      this.#add(
        'invalid',
        `${shown} is not one of ${schema.enum.join(', ')}`,
        at,
        didYouMean(String(value), schema.enum.map(String)),
      );
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(String(value)))
      this.#add('invalid', `expected ${schema.title ?? 'another text'}, got ${shown}`, at);
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (Number(value) < minimum || Number(value) > maximum)
      this.#add(
        'invalid',
        maximum === Infinity ? `${shown} is less than ${minimum}` : `${shown} is not between ${minimum} and ${maximum}`,
        at,
      );
  }

  #add(code: string, message: string, { start, end }: Range, help?: string): void {
    this.found.push(diagnostic('error', code, message, this.#source.span(start, end), help));
  }
}

function hasType(node: YamlNode, type: JsonType): boolean {
  if (node.kind === 'map') return type === 'object';
  if (node.kind === 'list') return type === 'array';
  switch (type) {
    case 'string':
      return typeof node.value === 'string';
    case 'integer':
      return typeof node.value === 'bigint';
    case 'number':
      return typeof node.value === 'bigint' || typeof node.value === 'number';
    case 'boolean':
      return typeof node.value === 'boolean';
    case 'null':
      return node.value === null;
    default:
      return false;
  }
}

function mismatch({ type, title }: Schema, node: YamlNode): string {
  return `expected ${title ?? WORDS[type as JsonType]}, got ${nameOf(node)}`;
}

function nameOf(node: YamlNode): string {
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'list') return 'a list';
  return node.value === null ? 'nothing' : JSON.stringify(node.text).slice(0, 80);
}
