/**
 * JSON Schema (draft 2020-12) of Collector YAML, from the schemas of the components: for completion and checks in editors.
 * Values may also be `${...}` references, so all but the names of components allow those.
 */
import type { AttrField, BodySchema, Field, Shape } from '#config/schema/schema.ts';
import { stepsOf } from './body.ts';
import type { Convertible } from './convert.ts';
import type { Kind } from './ids.ts';
import { SIGNALS } from './service.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

const NUMBER = String.raw`([0-9]+\.?[0-9]*|\.[0-9]+)`;
const or = (...schemas: JsonObject[]): JsonObject => ({ anyOf: [...schemas, { $ref: '#/$defs/reference' }] });

/** What values are made of; the fields refer to these. */
const DEFINITIONS: JsonObject = {
  reference: {
    description: 'Text with a reference that is put in when the configuration is read.',
    type: 'string',
    pattern: String.raw`\$\{.+\}`,
  },
  bool: or({ type: 'boolean' }),
  number: or({ type: 'number' }),
  integer: or({ type: 'integer' }),
  text: { type: ['string', 'number', 'boolean'] },
  duration: or({ type: 'string', pattern: `^[-+]?(0|(${NUMBER}(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$` }, { const: 0 }),
  size: or({ type: 'integer' }, { type: 'string', pattern: `^(0|(${NUMBER}([KMGTPE]i?)?B)+)$` }),
  ids: { type: ['array', 'null'], items: { type: 'string' } },
};
const use = (name: string): JsonObject => ({ $ref: `#/$defs/${name}` });

export function jsonSchema(components: Iterable<Convertible>): Json {
  const sections = new Map<Kind, Record<string, Json>>();
  for (const { args, otelcol, summary } of components) {
    if (otelcol === undefined) continue;
    const section = sections.get(otelcol.kind) ?? {};
    sections.set(otelcol.kind, section);
    const types = [otelcol.type, ...(otelcol.aliases ?? [])];
    section[`^${types.length === 1 ? otelcol.type : `(${types.join('|')})`}(/.+)?$`] = {
      ...nullable(body(args)),
      ...(summary === undefined ? {} : { description: summary }),
    };
  }
  const section = (kind: Kind): Json => ({
    type: ['object', 'null'],
    patternProperties: sections.get(kind) ?? {},
    additionalProperties: kind === 'extension',
  });
  const pipeline: Json = {
    type: 'object',
    properties: { receivers: use('ids'), processors: use('ids'), exporters: use('ids') },
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
          extensions: use('ids'),
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
    $defs: DEFINITIONS,
  };
}

/** A key without a value stands for the defaults, where there are some. */
function nullable(schema: JsonObject): JsonObject {
  return 'required' in schema ? schema : { ...schema, type: ['object', 'null'] };
}

interface Objects {
  readonly properties: Record<string, Json>;
  readonly required: string[];
}

/** `without`: an attribute that is no member of the map, but its key. */
function body(schema: BodySchema<Shape>, without?: string): JsonObject {
  const made: Objects = { properties: {}, required: [] };
  fill(schema, made);
  if (without !== undefined) delete made.properties[without];
  return {
    type: 'object',
    properties: made.properties,
    ...(made.required.length === 0 ? {} : { required: made.required }),
    additionalProperties: false,
  };
}

function fill(schema: BodySchema<Shape>, into: Objects): void {
  for (const key of schema.collectorOnly ?? [])
    into.properties[key] = { description: 'Has no counterpart and is left out.' };
  for (const [name, field] of Object.entries(schema.shape)) {
    if (name === 'output' || name === 'debug_metrics' || field.otelcol.key === null) continue;
    const key = field.otelcol.key ?? name;
    if (key === '') {
      if (field.kind === 'block') fill(field.body, into);
      continue;
    }
    const steps = stepsOf(key, field);
    place(into, steps, fieldSchema(field));
    if (field.required && field.otelcol.default === undefined && steps.length === 1) into.required.push(key);
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
    const { keyed } = field.otelcol;
    const inner = { ...body(field.body, keyed), description: field.doc };
    if (keyed !== undefined)
      return { type: ['object', 'null'], additionalProperties: nullable(inner), description: field.doc };
    return field.occurs === 'many'
      ? { type: ['array', 'null'], items: inner, description: field.doc }
      : nullable(inner);
  }
  const deprecated = field.deprecated === undefined ? {} : { deprecated: true };
  return { ...typeSchema(field), description: field.doc, ...defaultOf(field), ...deprecated };
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
  if (otelcol.unitBytes !== undefined) return use('number');
  return named(type.name, type.words);
}

function named(name: string, words?: readonly string[]): JsonObject {
  const list = /^list\((.*)\)$/.exec(name)?.[1];
  // A single text stands for a list of one.
  if (list !== undefined)
    return { anyOf: [{ type: ['array', 'string', 'null'], items: named(list) }, use('reference')] };
  const map = /^map\((.*)\)$/.exec(name)?.[1];
  // Maps may be lists of names and values, too.
  if (map !== undefined)
    return {
      anyOf: [{ type: ['object', 'null'], additionalProperties: named(map) }, { type: 'array' }, use('reference')],
    };
  switch (name) {
    case 'bool':
    case 'number':
    case 'duration':
    case 'size':
      return use(name);
    case 'int':
      return use('integer');
    case 'secret':
    case 'secret or string':
      return use('text');
    case 'string':
      return words === undefined ? use('text') : or({ enum: [...words] });
    default:
      return {};
  }
}
