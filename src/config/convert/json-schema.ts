/**
 * JSON Schema (draft 2020-12) of Collector YAML, from the schemas of the components: for completion and checks in editors.
 * Values may also be `${...}` references, so every scalar allows those.
 */
import type { AttrField, BodySchema, Field, Shape } from '#config/schema/schema.ts';
import type { Convertible } from './convert.ts';
import { SIGNALS, type Kind } from './pipelines.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

const REFERENCE: JsonObject = { type: 'string', pattern: '\\$\\{.+\\}' };
const ID_LIST: JsonObject = { type: ['array', 'null'], items: { type: 'string' } };

export function jsonSchema(components: Iterable<Convertible>): Json {
  const sections = new Map<Kind, Record<string, Json>>();
  for (const { args, otelcol } of components) {
    if (otelcol === undefined) continue;
    const section = sections.get(otelcol.kind) ?? {};
    sections.set(otelcol.kind, section);
    section[`^${otelcol.type}(/.+)?$`] = nullable(body(args));
  }
  const section = (kind: Kind): Json => ({
    type: ['object', 'null'],
    patternProperties: sections.get(kind) ?? {},
    additionalProperties: kind === 'extension',
  });
  const pipeline: Json = {
    type: 'object',
    properties: { receivers: ID_LIST, processors: ID_LIST, exporters: ID_LIST },
    required: ['receivers', 'exporters'],
    additionalProperties: false,
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'OpenTelemetry Collector configuration that millrace runs',
    type: 'object',
    properties: {
      receivers: section('receiver'),
      processors: section('processor'),
      exporters: section('exporter'),
      connectors: section('connector'),
      extensions: section('extension'),
      service: {
        type: 'object',
        properties: {
          extensions: ID_LIST,
          telemetry: { type: ['object', 'null'] },
          pipelines: {
            type: 'object',
            patternProperties: { [`^(${SIGNALS.join('|')})(/.+)?$`]: pipeline },
            additionalProperties: false,
          },
        },
        required: ['pipelines'],
        additionalProperties: false,
      },
    },
    required: ['service'],
    additionalProperties: false,
  };
}

function nullable(schema: JsonObject): Json {
  return { ...schema, type: ['object', 'null'] };
}

interface Objects {
  readonly properties: Record<string, Json>;
  readonly required: string[];
}

function body(schema: BodySchema<Shape>): JsonObject {
  const made: Objects = { properties: {}, required: [] };
  fill(schema, made);
  return {
    type: 'object',
    properties: made.properties,
    ...(made.required.length === 0 ? {} : { required: made.required }),
    additionalProperties: false,
  };
}

function fill(schema: BodySchema<Shape>, into: Objects): void {
  for (const [name, field] of Object.entries(schema.shape)) {
    if (name === 'output' || name === 'debug_metrics' || field.otelcol.key === null) continue;
    const key = field.otelcol.key ?? name;
    if (key === '') {
      if (field.kind === 'block') fill(field.body, into);
      continue;
    }
    place(into, key.split('.'), fieldSchema(field));
    if (field.required && !key.includes('.')) into.required.push(key);
  }
}

/** Dotted keys lie inside each other. */
function place({ properties }: Objects, [first, ...rest]: readonly string[], schema: Json): void {
  if (first === undefined) return;
  if (rest.length === 0) {
    properties[first] = schema;
    return;
  }
  const inner = (properties[first] ?? { type: ['object', 'null'], properties: {}, additionalProperties: false }) as {
    readonly properties: Record<string, Json>;
  };
  properties[first] = inner;
  place({ properties: inner.properties, required: [] }, rest, schema);
}

function fieldSchema(field: Field): Json {
  if (field.kind === 'block') {
    const inner = { ...body(field.body), description: field.doc };
    return field.occurs === 'many'
      ? { type: ['array', 'null'], items: inner, description: field.doc }
      : nullable(inner);
  }
  return { ...typeSchema(field), description: field.doc, ...defaultOf(field) };
}

function defaultOf(field: AttrField<unknown>): JsonObject {
  const value = field.otelcol.default ?? field.default;
  if (value === undefined) return {};
  const shown = field.type.encode(value);
  if (typeof shown === 'string' || typeof shown === 'boolean' || typeof shown === 'number') return { default: shown };
  return typeof shown === 'bigint' ? { default: Number(shown) } : {};
}

function typeSchema({ type, otelcol }: AttrField<unknown>): JsonObject {
  if (otelcol.extension !== undefined) return { type: 'string' };
  if (otelcol.unitBytes !== undefined) return { anyOf: [{ type: 'number' }, REFERENCE] };
  return named(type.name, type.words);
}

function named(name: string, words?: readonly string[]): JsonObject {
  const list = /^list\((.*)\)$/.exec(name)?.[1];
  if (list !== undefined) return { type: ['array', 'null'], items: named(list) };
  const map = /^map\((.*)\)$/.exec(name)?.[1];
  if (map !== undefined)
    return { anyOf: [{ type: ['object', 'null'], additionalProperties: named(map) }, { type: 'array' }] };
  switch (name) {
    case 'bool':
      return { anyOf: [{ type: 'boolean' }, REFERENCE] };
    case 'number':
    case 'int':
      return { anyOf: [{ type: 'number' }, REFERENCE] };
    case 'duration':
      return { anyOf: [{ type: 'string', pattern: '^-?([0-9.]+(ns|us|µs|ms|s|m|h))+$|^0$' }, { const: 0 }, REFERENCE] };
    case 'size':
      return { type: ['integer', 'string'] };
    case 'string':
      return words === undefined
        ? { type: ['string', 'number', 'boolean'] }
        : { anyOf: [{ enum: [...words] }, REFERENCE] };
    default:
      return {};
  }
}
