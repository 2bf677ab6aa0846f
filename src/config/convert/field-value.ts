/**
 * One YAML value as the value of an Alloy attribute, by the attribute's type. As strict as the Collector's decoding
 * (mapstructure without weak types): a number is no text, text is no number, and only text with commas stands for a list.
 */
import type { Value } from '#config/eval/value.ts';
import { durationText } from '#config/schema/duration.ts';
import { sizeText } from '#config/schema/size.ts';
import { Fault } from '#config/schema/fault.ts';
import type { Type } from '#config/schema/type.ts';
import type { Expr } from '#config/syntax/ast.ts';
import { keyText } from '#config/syntax/quote.ts';
import {
  goType,
  isNull,
  type EnvironmentReference,
  type MapEntry,
  type Range,
  type ScalarNode,
  type YamlNode,
} from '#config/yaml/node.ts';
import { binary, call, literal, object, reference } from './build.ts';
import type { Problems } from './problems.ts';

export interface FieldContext {
  /** As the Collector names the place: `exporters::otlp::tls::insecure`. */
  readonly path: string;
  readonly problems: Problems;
  /** Of a size that is a bare number in YAML: one is so many bytes. */
  readonly unit?: number | undefined;
  /** Alloy's converter writes the word in another form. */
  readonly word?: ((text: string) => string) | undefined;
}

/** undefined: it is wrong, which has been reported. */
export function fieldValue(type: Type<unknown>, node: YamlNode, context: FieldContext): Expr | undefined {
  if (node.kind === 'scalar' && node.reference !== undefined) return reference(node.reference, node.at);
  const shape = shapeOf(type);
  if (node.kind === 'scalar' && node.parts !== undefined) return fromEnvironment(shape, node, node.parts, context);
  const { item } = shape;
  if (item !== undefined && hasParts(node)) return mixed(shape, node, context);
  const value = valueOf(shape, node, context);
  if (value === undefined) return undefined;
  const decoded = type.decode(value);
  if (!(decoded instanceof Fault)) {
    return literal(worded(type.encode(decoded), context.word), node.at);
  }
  for (const { path, message, help } of decoded.problems) {
    const { at, name } = locate(node, path, context.path);
    context.problems.read('type', `'${name}' ${message}`, at, help);
  }
  return undefined;
}

/** A word as Alloy's converter writes it. */
export function worded(value: Value, word: FieldContext['word']): Value {
  return typeof value === 'string' && word !== undefined ? word(value) : value;
}

/** What decides how YAML is read; the type's own decoding does the rest. */
interface Shape {
  readonly kind: 'text' | 'bool' | 'number' | 'size' | 'duration' | 'list' | 'map' | 'any';
  readonly item?: Shape;
}

function shapeOf({ name }: Pick<Type<unknown>, 'name'>): Shape {
  const inner = /^(list|map)\((.*)\)$/.exec(name);
  if (inner !== null) return { kind: inner[1] as 'list' | 'map', item: shapeOf({ name: inner[2] }) };
  if (name === 'bool' || name === 'size' || name === 'duration' || name === 'any') return { kind: name };
  return { kind: name === 'number' || name === 'int' ? 'number' : 'text' };
}

const EXPECTED = {
  text: 'string',
  bool: 'bool',
  number: 'number',
  size: 'size',
  duration: 'time.Duration',
  list: 'list',
  map: 'map',
  any: 'any',
} as const satisfies Record<Shape['kind'], string>;

function valueOf(shape: Shape, node: YamlNode, context: FieldContext): Value | undefined {
  if (isNull(node)) return null;
  if (shape.kind === 'list') return listOf(shape.item!, node, context);
  if (shape.kind === 'map') return mapOf(shape.item!, node, context);
  if (shape.kind === 'any') return anyOf(node, context);
  if (node.kind !== 'scalar') return wrong(shape, node, context);
  return scalarOf(shape, node, context);
}

function anyOf(node: YamlNode, context: FieldContext): Value | undefined {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') {
    const values = node.items.map((item) => anyOf(item, context));
    return values.includes(undefined) ? undefined : (values as Value[]);
  }
  return mapFrom([...node.entries.values()], context, (value) => anyOf(value, context));
}

function scalarOf(shape: Shape, node: ScalarNode, context: FieldContext): Value | undefined {
  const { value, text } = node;
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' ? value : node.expanded === true ? text : wrong(shape, node, context);
    case 'bool':
      return typeof value === 'boolean' ? value : wrong(shape, node, context, wordForBool(value));
    case 'duration':
      if (typeof value === 'bigint') return nanoseconds(value, node, context);
      return typeof value === 'string' ? value : wrong(shape, node, context);
    case 'size':
      if (typeof value === 'bigint') return value * BigInt(context.unit ?? 1);
      if (context.unit !== undefined) return wrong({ kind: 'number' }, node, context);
      return typeof value === 'string' ? value : wrong(shape, node, context);
    default:
      return typeof value === 'bigint' || typeof value === 'number' ? value : wrong(shape, node, context);
  }
}

/** A bare number is nanoseconds, as Go has it. Hardly anybody means that. */
function nanoseconds(value: bigint, { at }: ScalarNode, { path, problems }: FieldContext): Value {
  const text = durationText(Number(value) / 1e6);
  if (value !== 0n)
    problems.warn(
      'duration',
      `${path}: the number ${value} without a unit means nanoseconds`,
      at,
      `write a unit, for example ${value}s`,
    );
  return text;
}

function wordForBool(value: ScalarNode['value']): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^(yes|y|on|true)$/i.test(value)) return 'write true, without quotes';
  return /^(no|n|off|false)$/i.test(value) ? 'write false, without quotes' : undefined;
}

function listOf(item: Shape, node: YamlNode, context: FieldContext): Value | undefined {
  if (node.kind === 'list') {
    const values = node.items.map((one, i) => valueOf(item, one, { ...context, path: `${context.path}[${i}]` }));
    return values.includes(undefined) ? undefined : (values as Value[]);
  }
  if (node.kind === 'scalar' && typeof node.value === 'string') return node.value === '' ? [] : node.value.split(',');
  return wrong({ kind: 'list' }, node, context);
}

function mapOf(item: Shape, node: YamlNode, context: FieldContext): Value | undefined {
  const entries = entriesOf(node);
  if (entries === undefined) return wrong({ kind: 'map' }, node, context);
  return mapFrom(entries, context, (value, key) =>
    valueOf(item, value, { ...context, path: `${context.path}::${key}` }),
  );
}

function mapFrom(
  entries: readonly MapEntry[],
  context: FieldContext,
  valueIn: (node: YamlNode, key: string) => Value | undefined,
): Value | undefined {
  const writable = areWritable(entries, context);
  const values = entries.map(({ key, value }) => [key, valueIn(value, key)] as const);
  return !writable || values.some(([, value]) => value === undefined)
    ? undefined
    : new Map(values as [string, Value][]);
}

/** Whether all keys can stand in Alloy syntax, which has no escapes in them. */
function areWritable(entries: readonly MapEntry[], { path, problems }: FieldContext): boolean {
  const bad = entries.filter(({ key }) => keyText(key) === null);
  for (const { key, keyAt } of bad)
    problems.read(
      'key',
      `'${path}' has the key ${JSON.stringify(key)}, which cannot be written in Alloy syntax`,
      keyAt,
      'a key may hold neither NUL nor carriage returns, and no backtick beside quotes, backslashes or line ends',
    );
  return bad.length === 0;
}

/** A map, or the Collector's other way to write headers: a list of `name` and `value`. */
function entriesOf(node: YamlNode): readonly MapEntry[] | undefined {
  if (node.kind === 'map') return [...node.entries.values()];
  if (node.kind !== 'list') return undefined;
  const entries: MapEntry[] = [];
  for (const item of node.items) {
    if (item.kind !== 'map') return undefined;
    const name = item.entries.get('name')?.value;
    const value = item.entries.get('value');
    if (name?.kind !== 'scalar' || value === undefined || item.entries.size !== 2) return undefined;
    entries.push({ key: name.text, keyAt: name.at, value: value.value });
  }
  return entries;
}

function wrong(shape: Shape, node: YamlNode, { path, problems }: FieldContext, help?: string): undefined {
  problems.read(
    'type',
    `'${path}' expected type '${EXPECTED[shape.kind]}', got unconvertible type '${goType(node)}'`,
    node.at,
    help,
  );
  return undefined;
}

function hasParts(node: YamlNode): boolean {
  if (node.kind === 'list') return node.items.some(hasParts);
  if (node.kind === 'map') return Array.from(node.entries.values()).some(({ value }) => hasParts(value));
  return node.parts !== undefined;
}

/** A list or map of texts some of which come from the environment. */
function mixed(shape: Shape, node: YamlNode, context: FieldContext): Expr | undefined {
  const one = (inner: YamlNode, path: string): Expr | undefined => {
    const at = { ...context, path };
    if (inner.kind === 'scalar' && inner.parts !== undefined)
      return fromEnvironment(shape.item!, inner, inner.parts, at);
    const value = valueOf(shape.item!, inner, at);
    return value === undefined ? undefined : literal(value, inner.at);
  };
  if (shape.kind === 'list' && node.kind === 'list') {
    const elements = node.items.map((item, i) => one(item, `${context.path}[${i}]`));
    return elements.includes(undefined)
      ? undefined
      : { kind: 'array', elements: elements as Expr[], start: node.at.start, end: node.at.end };
  }
  const entries = shape.kind === 'map' ? entriesOf(node) : undefined;
  if (entries === undefined) return wrong(shape, node, context);
  const writable = areWritable(entries, context);
  const fields = entries.map(({ key, keyAt, value }) => ({ key, keyAt, value: one(value, `${context.path}::${key}`) }));
  return !writable || fields.some(({ value }) => value === undefined)
    ? undefined
    : object(fields as { key: string; keyAt: Range; value: Expr }[], node.at);
}

/**
 * References to the environment as expressions. Alloy takes text with a number in it where it wants a number; for truth values
 * the text is compared.
 */
function fromEnvironment(
  shape: Shape,
  { at }: ScalarNode,
  parts: readonly (string | EnvironmentReference)[],
  { path, problems, unit }: FieldContext,
): Expr | undefined {
  if (shape.kind === 'list' || shape.kind === 'map' || shape.kind === 'any') {
    problems.read(
      'environment',
      `'${path}' is a ${shape.kind}, which a variable of the environment cannot be in a converted configuration`,
      at,
    );
    return undefined;
  }
  // A size in Alloy has a unit, a number in YAML has none.
  const units = unit === undefined ? [] : [sizeText(unit).replace(/^1(?=\D)/, '')];
  const text = [...parts, ...units]
    .map((part) => (typeof part === 'string' ? literal(part, at) : variable(part, at)))
    .reduce((left, right) => binary('+', left, right, at));
  return shape.kind === 'bool' ? binary('==', text, literal('true', at), at) : text;
}

function variable({ name, fallback }: EnvironmentReference, at: Range): Expr {
  return call(['coalesce'], [call(['sys', 'env'], [literal(name, at)], at), literal(fallback, at)], at);
}

function locate(
  node: YamlNode,
  path: readonly (string | number)[],
  name: string,
): { readonly at: Range; readonly name: string } {
  const [step, ...rest] = path;
  if (step === undefined) return { at: node.at, name };
  if (typeof step === 'number') {
    const item = node.kind === 'list' ? node.items[step] : undefined;
    return item === undefined ? { at: node.at, name } : locate(item, rest, `${name}[${step}]`);
  }
  const entry = entriesOf(node)?.find(({ key }) => key === step);
  return entry === undefined ? { at: node.at, name } : locate(entry.value, rest, `${name}::${step}`);
}
