/** Paths: what they lead to in their context, and their keys. */
import { readAnyValue } from '#codec/otlp/any-value.ts';
import { putValue } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import { itemAt, type Compiled, type Inner } from './compiled.ts';
import type { Section } from './context.ts';
import { fail } from './error.ts';
import { cache, type Attributes, type PathEntry } from './paths/entry.ts';
import { plainIn } from './plain.ts';
import type { PathExpr, PathField } from './syntax/ast.ts';
import type { Getter, Telemetry } from './telemetry.ts';
import { isList, isMap, typeName, type Value } from './value.ts';

export function compilePath(compiler: Inner, expr: PathExpr): Compiled {
  const { entry, keys } = entryOf(compiler, expr.fields);
  if (keys.length === 0) return whole(entry);
  const compiled = keys.map((key) => compiler.value(key));
  const getters = compiled.map(({ get }) => get);
  const { key: keyed } = entry;
  if (keyed !== undefined) {
    if (keys.length > 1) throw compiler.error('this path takes one key', keys[1].start, keys[1].end);
    const [key] = getters;
    return {
      get: (t) => keyed.read(t, key(t)),
      type: 'string',
      constant: undefined,
      set: (t, value) => keyed.write(t, key(t), value),
    };
  }
  return entry.attributes === undefined
    ? indexed(entry, getters)
    : attribute(entry.attributes, compiled[0], getters.slice(1));
}

function whole(entry: PathEntry): Compiled {
  const { type, text, attributes, number } = entry;
  return {
    get: (t) => entry.read(t),
    type,
    constant: undefined,
    ...(entry.write === undefined ? {} : { set: (t: Telemetry, value: Value) => entry.write!(t, value) }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(number === undefined ? {} : { number }),
    ...(text === undefined
      ? {}
      : {
          located: {
            kind: 'text',
            locate: (t: Telemetry) => {
              const message = text.of(t);
              return message.locate(text.field) ? message : null;
            },
          },
        }),
  };
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
  if (entry === cache && section !== compiler.context.own)
    throw compiler.error(
      `the context ${compiler.context.name} has its own cache`,
      rest[0].start,
      rest[rest.length - 1].end,
      'write cache without a prefix',
    );
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
function attribute(attributes: Attributes, key: Compiled, rest: readonly Getter[]): Compiled {
  const fixed = typeof key.constant === 'string' ? Buffer.from(key.constant) : null;
  const locate = (t: Telemetry): Message | null => {
    const message = attributes.of(t);
    const found = message !== null && message.look(attributes.field(t), fixed ?? keyBytes(key.get(t)));
    return found ? message : null;
  };
  const read = (t: Telemetry): Value => {
    const message = locate(t);
    return message === null ? null : readAnyValue(message.buf, message.start, message.stop);
  };
  const set = (t: Telemetry, value: Value): void => {
    const message = attributes.of(t);
    if (message === null) return;
    const bytes = fixed ?? keyBytes(key.get(t));
    const all = rest.length === 0 ? value : assigned(read(t), keysOf(rest, t), value);
    putValue(message, attributes.field(t), bytes, plainIn(all));
  };
  if (rest.length > 0) return { get: (t) => inside(read(t), rest, t), type: 'any', constant: undefined, set };
  return {
    get: read,
    type: 'any',
    constant: undefined,
    set,
    located: { kind: 'any', locate },
    ...(fixed === null ? {} : { attribute: { attributes, key: fixed } }),
  };
}

function keyBytes(key: Value): Buffer {
  return typeof key === 'string' ? Buffer.from(key) : fail(`a map is indexed with a string, got ${typeName(key)}`);
}

function indexed(entry: PathEntry, keys: readonly Getter[]): Compiled {
  return {
    get: (t) => inside(entry.read(t), keys, t),
    type: 'any',
    constant: undefined,
    ...(entry.write === undefined
      ? {}
      : { set: (t: Telemetry, value: Value) => entry.write!(t, assigned(entry.read(t), keysOf(keys, t), value)) }),
  };
}

const keysOf = (keys: readonly Getter[], t: Telemetry): Value[] => keys.map((key) => key(t));

/** A key that a map does not have gives nil; a place that a list does not have, and keys of anything else, fail. */
function inside(value: Value, keys: readonly Getter[], t: Telemetry): Value {
  for (const key of keys) {
    if (value === null) return null;
    value = insideOne(value, key(t));
  }
  return value;
}

function insideOne(value: Value, key: Value): Value {
  if (isMap(value)) {
    if (typeof key !== 'string') fail(`a map is indexed with a string, got ${typeName(key)}`);
    return value.get(key) ?? null;
  }
  return isList(value) ? itemAt(value, key) : fail(`a ${typeName(value)} cannot be indexed`);
}

/** The value with another one at a place inside; what is not there yet becomes a map, or a list, by the type of its key. */
function assigned(outer: Value, keys: readonly Value[], value: Value, depth = 0): Value {
  if (depth === keys.length) return value;
  const key = keys[depth];
  if (typeof key === 'string') {
    if (outer !== null && !isMap(outer)) fail(`a ${typeName(outer)} cannot be indexed with a string`);
    const map = new Map(outer ?? []);
    return map.set(key, assigned(map.get(key) ?? null, keys, value, depth + 1));
  }
  if (outer !== null && !isList(outer)) fail(`a ${typeName(outer)} cannot be indexed with a ${typeName(key)}`);
  if (outer === null && typeof key === 'bigint' && key >= 0n && key < MOST_NEW_ITEMS)
    outer = Array.from({ length: Number(key) + 1 }, () => null);
  const list = [...(outer ?? [])];
  const item = itemAt(list, key);
  list[Number(key)] = assigned(item, keys, value, depth + 1);
  return list;
}
/** Most items of a list that setting one of them makes. */
const MOST_NEW_ITEMS = 1000n;
