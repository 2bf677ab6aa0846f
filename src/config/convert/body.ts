/**
 * A component's settings in YAML as the body of its block, by its schema: what differs from the default in Alloy is written,
 * in the order of the schema.
 */
import { isDeepStrictEqual } from 'node:util';
import { didYouMean } from '#config/diag/suggest.ts';
import { isArray, isObject, isSecret, type Value } from '#config/eval/value.ts';
import { Fault } from '#config/schema/fault.ts';
import type { AttrField, BlockField, BodySchema, Field, Shape } from '#config/schema/schema.ts';
import { entryAt, isNull, type Place, type YamlMap, type YamlNode } from './node.ts';
import type { OutStatement } from './output.ts';
import { isReference, sourceOf, valueOf } from './value.ts';

export interface BodyContext {
  readonly error: (message: string, at: Place, help?: string) => void;
  /** The Alloy id of an extension (`otelcol.auth.basic.default`); undefined: reported. */
  readonly extension: (id: string, at: Place) => string | undefined;
  /** Consumers by signal, for the `output` block. */
  readonly output: ReadonlyMap<string, readonly string[]>;
}

/** `map` is null where the YAML has nothing: then the defaults of the Collector count. `place`: what to blame for what is missing. */
export function convertBody(
  schema: BodySchema<Shape>,
  map: YamlMap | null,
  place: Place,
  context: BodyContext,
): OutStatement[] {
  if (map !== null) reportUnknown(keysOf(schema), map, context);
  return fields(schema, map, place, context);
}

function fields(schema: BodySchema<Shape>, map: YamlMap | null, place: Place, context: BodyContext): OutStatement[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    if (name === 'output' && field.kind === 'block') return outputBlock(place, context);
    return field.kind === 'attr'
      ? attribute(name, field, map, place, context)
      : innerBlock(name, field, map, place, context);
  });
}

function keyOf(name: string, field: Field): string | null {
  if (name === 'debug_metrics' || name === 'output') return null;
  return field.otelcol.key === undefined ? name : field.otelcol.key;
}

function attribute(
  name: string,
  field: AttrField<unknown>,
  map: YamlMap | null,
  place: Place,
  context: BodyContext,
): OutStatement[] {
  const key = keyOf(name, field);
  const { otelcol, type } = field;
  const entry = key === null || map === null ? undefined : entryAt(map, key);
  if (entry === undefined || isNull(entry.value)) {
    if (field.required) context.error(`missing required key "${key ?? name}"`, place);
    if (otelcol.default === undefined) return [];
    const text = typeof otelcol.default === 'string' ? otelcol.word?.(otelcol.default) : undefined;
    return [
      {
        kind: 'attr',
        name,
        text: text === undefined ? sourceOf(type.encode(otelcol.default)) : JSON.stringify(text),
        place,
      },
    ];
  }
  const { value: node } = entry;
  const out = (text: string): OutStatement[] => [{ kind: 'attr', name, text, place: node.place }];
  if (otelcol.extension !== undefined) {
    const id = node.kind === 'scalar' ? context.extension(node.text, node.place) : undefined;
    return id === undefined ? [] : out(`${id}.${otelcol.extension}`);
  }
  const value = scaled(valueOf(node, type.name), otelcol.unitBytes);
  if (isReference(node)) return out(sourceOf(value));
  const decoded = type.decode(value);
  if (decoded instanceof Fault) {
    for (const { path, message, help } of decoded.problems)
      context.error(`${key ?? name}: ${message}`, innerPlace(node, path), help);
    return [];
  }
  const isDefault =
    field.default === undefined ? isZero(type.encode(decoded)) : isDeepStrictEqual(decoded, field.default);
  if (isDefault && !field.required) return [];
  const encoded = type.encode(decoded);
  return out(
    typeof encoded === 'string' && otelcol.word !== undefined
      ? JSON.stringify(otelcol.word(encoded))
      : sourceOf(written(encoded, decoded, field)),
  );
}

/** Durations and sizes are written as texts. */
function written(encoded: Value, decoded: unknown, { type }: AttrField<unknown>): Value {
  return typeof encoded === 'bigint' && type.name === 'size' ? type.encode(decoded) : encoded;
}

function scaled(value: Value, unitBytes: number | undefined): Value {
  return unitBytes === undefined || (typeof value !== 'bigint' && typeof value !== 'number')
    ? value
    : Number(value) * unitBytes;
}

function isZero(value: Value): boolean {
  if (value === null || value === '' || value === false) return true;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) === 0;
  if (isSecret(value)) return value.secret === '';
  if (isArray(value)) return value.length === 0;
  return isObject(value) && value.size === 0;
}

function innerBlock(
  name: string,
  field: BlockField<unknown>,
  map: YamlMap | null,
  place: Place,
  context: BodyContext,
): OutStatement[] {
  const key = keyOf(name, field);
  if (key === null) return [];
  if (key === '') return wrapped(name, field, fields(field.body, map, place, context), place);
  const entry = map === null ? undefined : entryAt(map, key);
  const isSet = entry !== undefined && (field.otelcol.emptyIsSet === true || !isNull(entry.value));
  if (!isSet) {
    if (field.occurs !== 'one') return [];
    return wrapped(name, field, fields(field.body, null, place, context), place);
  }
  const nodes = field.occurs === 'many' && entry.value.kind === 'list' ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => {
    if (node.kind !== 'map' && !isNull(node)) {
      context.error(`${key}: should be a map`, node.place);
      return [];
    }
    const body = convertBody(field.body, node.kind === 'map' ? node : null, entry.key, context);
    return wrapped(name, field, body, entry.key);
  });
}

/** A block that says nothing is left out, unless its being there says something. */
function wrapped(name: string, field: BlockField<unknown>, body: OutStatement[], place: Place): OutStatement[] {
  if (body.length === 0 && field.occurs === 'one' && !field.required) return [];
  return [{ kind: 'block', name, label: null, body, place }];
}

function outputBlock(place: Place, { output }: BodyContext): OutStatement[] {
  const body: OutStatement[] = [];
  for (const [signal, ids] of output)
    if (ids.length > 0)
      body.push({ kind: 'attr', name: signal, text: `[${ids.map((id) => `${id}.input`).join(', ')}]`, place });
  return [{ kind: 'block', name: 'output', label: null, body, place }];
}

/** Known keys; null: whatever is below is somebody else's business. */
interface Keys extends Map<string, Keys | null> {}

function keysOf(schema: BodySchema<Shape>, keys: Keys = new Map()): Keys {
  for (const [name, field] of Object.entries(schema.shape)) {
    const key = keyOf(name, field);
    if (key === null) continue;
    if (key === '') {
      if (field.kind === 'block') keysOf(field.body, keys);
      continue;
    }
    let level = keys;
    const path = key.split('.');
    for (const part of path.slice(0, -1)) {
      const inner = level.get(part) ?? new Map<string, Keys | null>();
      level.set(part, inner);
      level = inner;
    }
    level.set(path.at(-1) as string, null);
  }
  return keys;
}

function reportUnknown(keys: Keys, map: YamlMap, context: BodyContext): void {
  for (const [name, { key, value }] of map.entries) {
    const inner = keys.get(name);
    if (inner === undefined) context.error(`unknown key "${name}"`, key, didYouMean(name, keys.keys()));
    else if (inner !== null && value.kind === 'map') reportUnknown(inner, value, context);
  }
}

function innerPlace(node: YamlNode, path: readonly (string | number)[]): Place {
  let level = node;
  for (const step of path) {
    const inner =
      level.kind === 'list'
        ? level.items[Number(step)]
        : level.kind === 'map'
          ? level.entries.get(String(step))?.value
          : undefined;
    if (inner === undefined) break;
    level = inner;
  }
  return level.place;
}
