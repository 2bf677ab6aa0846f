/**
 * The settings of one component, from YAML to the statements of an Alloy block, by the component's schema.
 *
 * What is written out follows Alloy's converter: each setting has the value that the YAML gives it, or the Collector's
 * default, and is left out where that is Alloy's own default. Blocks with all defaults are left out, too.
 */
import { didYouMean } from '#config/diag/suggest.ts';
import { Fault } from '#config/schema/fault.ts';
import type { AttrField, BlockField, BodySchema, Field, Shape } from '#config/schema/schema.ts';
import type { BlockStatement, Expr, Statement } from '#config/syntax/ast.ts';
import { goType, isNull, type MapEntry, type MapNode, type Range, type YamlNode } from '#config/yaml/node.ts';
import { attribute, blockStatement, literal, reference } from './build.ts';
import { fieldValue, worded } from './field-value.ts';
import type { Problems } from './problems.ts';
import { exprText } from './write-text.ts';

export interface BodyContext {
  readonly problems: Problems;
  /** Blocks that YAML has no settings for, by name: `output`. */
  readonly generated: ReadonlyMap<string, BlockStatement>;
  /** The Alloy name of an extension's block, `otelcol.auth.basic.default`; undefined when there is none, which has been reported. */
  readonly extension: (id: string, path: string, at: Range) => readonly string[] | undefined;
  /** A setting of the map around this one. */
  readonly inherited?: (name: string) => YamlNode | undefined;
}

/** Between the levels of a key in messages, as the Collector has it. */
const SEPARATOR = '::';

interface Written {
  readonly statements: readonly Statement[];
  /** Something differs from Alloy's defaults. */
  readonly changed: boolean;
}

/** `owner` is the place of the key that the settings belong to, `path` its name in messages. */
export function convertBody(
  schema: BodySchema<Shape>,
  config: MapNode | null,
  owner: Range,
  path: string,
  context: BodyContext,
): Written {
  if (config !== null) checkKeys(levelsOf(schema), config, path, context.problems);
  return new BodyConverter(config, owner, path, context).fields(schema);
}

class BodyConverter {
  readonly #config: MapNode | null;
  readonly #owner: Range;
  readonly #path: string;
  readonly #context: BodyContext;

  constructor(config: MapNode | null, owner: Range, path: string, context: BodyContext) {
    this.#config = config;
    this.#owner = owner;
    this.#path = path;
    this.#context = context;
  }

  fields(schema: BodySchema<Shape>): Written {
    const statements: Statement[] = [];
    let changed = false;
    for (const [name, field] of Object.entries(schema.shape)) {
      const written = field.kind === 'attr' ? this.#attr(name, field) : this.#block(name, field);
      statements.push(...written.statements);
      changed ||= written.changed;
    }
    return { statements, changed };
  }

  #attr(name: string, field: AttrField<unknown>): Written {
    const key = keyOf(name, field);
    const entry = key === null ? undefined : this.#entry(stepsOf(key, field));
    const nameAt = entry?.keyAt ?? this.#owner;
    if (field.otelcol.extension !== undefined)
      return entry === undefined ? NOTHING : this.#reference(name, entry, key!, field.otelcol.extension);
    const unset = alloyDefault(field, nameAt);
    const value =
      entry === undefined || isNull(entry.value)
        ? this.#absent(key, field, unset, nameAt)
        : fieldValue(field.type, entry.value, {
            path: this.#pathOf(key!),
            problems: this.#context.problems,
            unit: field.otelcol.unitBytes,
            word: field.otelcol.word,
          });
    if (value === undefined) return NOTHING;
    const always = field.required || (field.otelcol.emptyIsSet === true && entry !== undefined && !isNull(entry.value));
    if (!always && exprText(value) === exprText(unset)) return NOTHING;
    return { statements: [attribute(name, nameAt, value)], changed: true };
  }

  /** The Collector's default. */
  #absent(key: string | null, field: AttrField<unknown>, unset: Expr, at: Range): Expr | undefined {
    const { otelcol } = field;
    const inherited = otelcol.inherit === undefined ? undefined : this.#context.inherited?.(otelcol.inherit);
    if (inherited !== undefined)
      return fieldValue(field.type, inherited, { path: this.#path, problems: this.#context.problems });
    if (otelcol.default !== undefined) {
      return literal(worded(field.type.encode(otelcol.default), otelcol.word), at);
    }
    if (!field.required) return unset;
    if (key !== null)
      this.#context.problems.invalid('missing', `${this.#path}: requires a non-empty "${key}"`, this.#owner);
    return undefined;
  }

  #reference(name: string, { keyAt, value }: MapEntry, key: string, exported: string): Written {
    if (isNull(value)) return NOTHING;
    const { problems, extension } = this.#context;
    const path = this.#pathOf(key);
    if (value.kind !== 'scalar' || typeof value.value !== 'string' || value.parts !== undefined) {
      problems.read('type', `'${path}' must be the name of an extension`, value.at);
      return NOTHING;
    }
    const block = extension(value.value, path, value.at);
    if (block === undefined) return NOTHING;
    return { statements: [attribute(name, keyAt, reference([...block, exported], value.at))], changed: true };
  }

  #block(name: string, field: BlockField<unknown>): Written {
    const { otelcol, body } = field;
    const key = keyOf(name, field);
    if (key === null) {
      const generated = this.#context.generated.get(name);
      return generated === undefined ? NOTHING : { statements: [generated], changed: true };
    }
    if (key === '') {
      const inner = this.fields(body);
      return inner.changed || field.required ? this.#wrapped(name, this.#owner, inner) : NOTHING;
    }
    const entry = this.#entry(stepsOf(key, field));
    const at = entry?.keyAt ?? this.#owner;
    if (field.occurs === 'many') return this.#many(name, key, field, entry);
    const config = entry === undefined ? null : this.#mapOf(entry.value, this.#pathOf(key), body);
    if (config === undefined) return NOTHING;
    const present =
      config !== null || (entry !== undefined && otelcol.emptyIsSet === true && !isDisabled(entry.value, body));
    if (field.occurs === 'optional' && !present) return NOTHING;
    const inner = this.#inner(body, config, at, key);
    const kept = inner.changed || field.required || field.occurs === 'optional';
    if (kept) return this.#wrapped(name, at, { ...inner, changed: true });
    return otelcol.always === true ? { ...this.#wrapped(name, at, inner), changed: false } : NOTHING;
  }

  #many(name: string, key: string, { body, otelcol }: BlockField<unknown>, entry: MapEntry | undefined): Written {
    if (entry === undefined || isNull(entry.value)) return NOTHING;
    const path = this.#pathOf(key);
    const { value } = entry;
    if (otelcol.keyed !== undefined && value.kind === 'map') {
      const members = [...value.entries.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      const statements = members.flatMap((member) => this.#keyed(name, key, body, member, otelcol.keyed!));
      return { statements, changed: statements.length > 0 };
    }
    if (otelcol.keyed !== undefined || value.kind !== 'list') {
      const wanted = otelcol.keyed === undefined ? 'list' : 'map';
      this.#context.problems.read(
        'type',
        `'${path}' expected type '${wanted}', got unconvertible type '${goType(value)}'`,
        value.at,
      );
      return NOTHING;
    }
    const statements = value.items.flatMap((item, i) => {
      const config = this.#mapOf(item, `${path}[${i}]`, body);
      return config === undefined
        ? []
        : this.#wrapped(name, item.at, this.#inner(body, config, item.at, `${key}[${i}]`)).statements;
    });
    return { statements, changed: statements.length > 0 };
  }

  /** A member of a map whose key is an attribute of the block. */
  #keyed(
    name: string,
    key: string,
    body: BodySchema<Shape>,
    { key: member, keyAt, value }: MapEntry,
    attr: string,
  ): readonly Statement[] {
    const inner = `${key}.${member}`;
    const config = this.#mapOf(value, `${this.#pathOf(key)}${SEPARATOR}${member}`, body);
    if (config === undefined) return [];
    const named: MapEntry = { key: attr, keyAt, value: { kind: 'scalar', value: member, text: member, at: keyAt } };
    const entries = new Map([[attr, named], ...[...(config?.entries ?? [])].filter(([own]) => own !== attr)]);
    const at = config?.at ?? keyAt;
    return this.#wrapped(name, at, this.#inner(body, { kind: 'map', entries, at }, at, inner)).statements;
  }

  #inner(body: BodySchema<Shape>, config: MapNode | null, at: Range, key: string): Written {
    const outer = this.#config;
    return convertBody(body, config, at, this.#pathOf(key), {
      ...this.#context,
      inherited: (name) => outer?.entries.get(name)?.value,
    });
  }

  #wrapped(name: string, at: Range, { statements }: Written): Written {
    return { statements: [blockStatement(name, null, at, statements)], changed: true };
  }

  /** null: nothing is set. undefined: no map, which is reported. */
  #mapOf(node: YamlNode, path: string, body: BodySchema<Shape>): MapNode | null | undefined {
    if (isNull(node) || isDisabled(node, body)) return null;
    if (node.kind === 'map') return withoutEnabled(node, body);
    this.#context.problems.read('type', `'${path}' expected a map, got '${goType(node)}'`, node.at);
    return undefined;
  }

  #entry(steps: readonly string[]): MapEntry | undefined {
    let map = this.#config;
    let entry: MapEntry | undefined;
    for (const step of steps) {
      entry = map?.entries.get(step);
      map = entry?.value.kind === 'map' ? entry.value : null;
    }
    return entry;
  }

  #pathOf(key: string): string {
    return `${this.#path}${SEPARATOR}${key.replaceAll('.', SEPARATOR)}`;
  }
}

const NOTHING: Written = { statements: [], changed: false };

/** The output of a component is where its pipelines lead; YAML has no settings for its own metrics. */
function keyOf(name: string, { otelcol }: Field): string | null {
  if (name === 'output' || name === 'debug_metrics') return null;
  return otelcol.key === undefined ? name : otelcol.key;
}

/** The levels of a key that the schema gives; a name is one level, whatever is in it. */
export const stepsOf = (key: string, { otelcol }: Field): readonly string[] =>
  otelcol.key === undefined ? [key] : key.split('.');

/** What Alloy takes when the attribute is not written. */
function alloyDefault({ type, default: own, otelcol }: AttrField<unknown>, at: Range): Expr {
  if (own !== undefined && otelcol.unset !== true) return literal(type.encode(own), at);
  const zero = type.decode(null);
  return literal(zero instanceof Fault ? '' : type.encode(zero), at);
}

/** The Collector switches an optional group off by `enabled: false` beside its settings (configoptional). */
function isDisabled(node: YamlNode, body: BodySchema<Shape>): boolean {
  if (node.kind !== 'map' || 'enabled' in body.shape) return false;
  const enabled = node.entries.get('enabled')?.value;
  return enabled?.kind === 'scalar' && enabled.value === false;
}

function withoutEnabled(node: MapNode, body: BodySchema<Shape>): MapNode {
  if ('enabled' in body.shape || !node.entries.has('enabled')) return node;
  return { ...node, entries: new Map([...node.entries].filter(([key]) => key !== 'enabled')) };
}

/** The keys that a map may have: those of settings, and inner maps that only order them. */
interface Level {
  readonly inner: Map<string, Level | null>;
  /** The Collector knows them, Alloy does not. */
  readonly without: Set<string>;
}

function levelsOf(schema: BodySchema<Shape>, level: Level = { inner: new Map(), without: new Set() }): Level {
  for (const key of schema.collectorOnly ?? []) level.without.add(key);
  for (const [name, field] of Object.entries(schema.shape)) {
    const key = keyOf(name, field);
    if (key === null) continue;
    if (key === '') {
      levelsOf((field as BlockField<unknown>).body, level);
      continue;
    }
    const steps = stepsOf(key, field);
    let at = level;
    for (const step of steps.slice(0, -1)) {
      const next = at.inner.get(step) ?? { inner: new Map(), without: new Set() };
      at.inner.set(step, next);
      at = next;
    }
    at.inner.set(steps.at(-1)!, null);
  }
  return level;
}

function checkKeys({ inner, without }: Level, config: MapNode, path: string, problems: Problems): void {
  for (const { key, keyAt, value } of config.entries.values()) {
    if (problems.full) return;
    const level = inner.get(key);
    if (level === undefined && without.has(key)) {
      problems.warn('without', `${path}${SEPARATOR}${key} has no counterpart and is left out`, keyAt);
    } else if (level === undefined) {
      problems.read('unknown_name', `'${path}' has invalid keys: ${key}`, keyAt, didYouMean(key, inner.keys()));
    } else if (level !== null && !isNull(value)) {
      if (value.kind === 'map') checkKeys(level, value, `${path}${SEPARATOR}${key}`, problems);
      else problems.read('type', `'${path}${SEPARATOR}${key}' expected a map, got '${goType(value)}'`, value.at);
    }
  }
}
