/** Paths: what they lead to in their context, and their keys. */
import { readAnyValue } from '#codec/otlp/any-value.ts';
import { AttributeFinder } from '#codec/otlp/attribute-finder.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import { itemAt, type Compiled, type Inner } from './compiled.ts';
import type { Section } from './context.ts';
import { fail } from './error.ts';
import type { PathEntry } from './paths/entry.ts';
import type { PathExpr, PathField } from './syntax/ast.ts';
import type { Getter, Telemetry } from './telemetry.ts';
import { isList, isMap, typeName, type Value } from './value.ts';

export function compilePath(compiler: Inner, expr: PathExpr): Compiled {
  const { entry, keys } = entryOf(compiler, expr.fields);
  if (keys.length === 0) return { get: (t) => entry.read(t), type: entry.type, constant: undefined };
  const compiled = keys.map((key) => compiler.value(key));
  const getters = compiled.map(({ get }) => get);
  const { key: keyed } = entry;
  if (keyed !== undefined) {
    if (keys.length > 1) throw compiler.error('this path takes one key', keys[1].start, keys[1].end);
    return { get: (t) => keyed(t, getters[0](t)), type: 'string', constant: undefined };
  }
  const get =
    entry.attributes === undefined ? indexed(entry, getters) : attribute(entry, compiled[0], getters.slice(1));
  return { get, type: 'any', constant: undefined };
}

function entryOf(
  compiler: Inner,
  fields: readonly PathField[],
): { readonly entry: PathEntry; readonly keys: PathField['keys'] } {
  const [first, ...others] = fields;
  const prefixed = first.keys.length === 0 ? compiler.context.sections.get(first.name) : undefined;
  const keyed = fields.findIndex((field) => field.keys.length > 0);
  if (keyed >= 0 && keyed < fields.length - 1) {
    const [key] = fields[keyed].keys;
    throw compiler.error(
      'only the end of a path may have keys',
      key.start,
      key.end,
      'write the next level as a key, too: ["..."]',
    );
  }
  const last = fields[fields.length - 1];
  if (prefixed !== undefined && others.length === 0 && !Object.hasOwn(compiler.context.own.paths, first.name))
    return { entry: prefixed.whole, keys: [] };
  const section = prefixed !== undefined && others.length > 0 ? prefixed : compiler.context.own;
  const rest = section === prefixed && others.length > 0 ? others : fields;
  const name = rest.map((field) => field.name).join('.');
  if (!Object.hasOwn(section.paths, name)) throw unknownPath(compiler, section, rest, name);
  const entry = section.paths[name];
  if (last.keys.length > 0 && entry.indexed !== true)
    throw compiler.error(`\`${name}\` cannot be indexed`, last.keys[0].start, last.keys[0].end);
  return { entry, keys: last.keys };
}

function unknownPath(compiler: Inner, section: Section, rest: readonly PathField[], name: string): Error {
  const { context } = compiler;
  const owner = [...context.sections].find(([, other]) => other === section)?.[0] ?? context.name;
  const near = didYouMean(name, Object.keys(section.paths));
  const elsewhere = [...context.sections].find(([, other]) => Object.hasOwn(other.paths, name))?.[0];
  const attribute = rest.length > 0 && rest[0].name === 'attributes' ? 'write attributes["..."]' : undefined;
  const help = attribute ?? near ?? (elsewhere === undefined ? undefined : `did you mean "${elsewhere}.${name}"?`);
  return compiler.error(`the context ${owner} has no path \`${name}\``, rest[0].start, rest[rest.length - 1].end, help);
}

/** One attribute, found by its key among the bytes. */
function attribute({ attributes }: PathEntry, key: Compiled, rest: readonly Getter[]): Getter {
  const finder = new AttributeFinder();
  const fixed = typeof key.constant === 'string' ? Buffer.from(key.constant) : null;
  return (t) => {
    const place = attributes!(t);
    if (place === null) return null;
    const bytes = fixed ?? keyBytes(key.get(t));
    if (!finder.find(place.view, place.field, bytes)) return null;
    return inside(readAnyValue(place.view.buf, finder.start, finder.stop), rest, t);
  };
}

function keyBytes(key: Value): Buffer {
  return typeof key === 'string' ? Buffer.from(key) : fail(`a map is indexed with a string, got ${typeName(key)}`);
}

function indexed(entry: PathEntry, keys: readonly Getter[]): Getter {
  return (t) => inside(entry.read(t), keys, t);
}

/** A key that a map does not have gives nil; a place that a list does not have, and keys of anything else, fail. */
function inside(value: Value, keys: readonly Getter[], t: Telemetry): Value {
  for (const key of keys) {
    if (isMap(value)) {
      const name = key(t);
      if (typeof name !== 'string') fail(`a map is indexed with a string, got ${typeName(name)}`);
      if (!value.has(name)) return null;
      value = value.get(name)!;
    } else if (isList(value)) value = itemAt(value, key(t));
    else fail(`a ${typeName(value)} cannot be indexed`);
  }
  return value;
}
