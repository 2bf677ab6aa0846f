/**
 * The schema kit: a component declares its arguments once, and from that one declaration come the TypeScript type
 * ({@link Infer}), decoding with every error at its place ({@link decode}), the defaults, the API's JSON (`json.ts`), and the
 * reference.
 *
 *     export const args = body({
 *       timeout: attr(duration, { default: 200, doc: 'Time after which a batch is sent whatever its size.' }),
 *       output: block(outputBlock, { required: true, doc: 'Where to send the data.' }),
 *     });
 *     export type Args = Infer<typeof args>;
 */
import { hasErrors, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { Findings } from '#config/diag/findings.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import type { EvaluatedAttr, EvaluatedBlock, EvaluatedBody } from '#config/eval/body.ts';
import { accessText } from '#config/eval/value-source.ts';
import { Fault, type Problem } from './fault.ts';
import type { Otelcol } from './otelcol.ts';
import type { Type } from './type.ts';

export interface AttrField<T> {
  readonly kind: 'attr';
  readonly type: Type<T>;
  readonly required: boolean;
  /** undefined: none. */
  readonly default: T | undefined;
  readonly doc: string;
  readonly otelcol: Otelcol<T>;
  /** Since when and what to use instead; writing the attribute gives a warning with this text. */
  readonly deprecated: string | undefined;
}

/** `one`: filled with defaults when absent. `optional`: undefined when absent. `many`: a list. */
export type Occurs = 'one' | 'optional' | 'many';

export interface BlockField<T> {
  readonly kind: 'block';
  readonly body: BodySchema<Shape>;
  readonly occurs: Occurs;
  readonly required: boolean;
  readonly doc: string;
  readonly otelcol: Otelcol<never>;
  /** Only for the type checker. */
  readonly decoded?: T;
}

export type Field = AttrField<unknown> | BlockField<unknown>;
export type Shape = Readonly<Record<string, Field>>;
type Decodes<F> = F extends AttrField<infer T> ? T : F extends BlockField<infer T> ? T : never;
export type ArgumentsOf<S extends Shape> = { readonly [K in keyof S]: Decodes<S[K]> };
/** The decoded arguments of a body: `Infer<typeof args>`. */
export type Infer<B> = B extends BodySchema<infer S> ? ArgumentsOf<S> : never;

/**
 * Reports a mistake at the attribute or block `key` if it was written, else at the owner of the body. `at`: which one, of blocks of
 * which there may be many; or where in the value of the attribute, and then the message follows the text of what is there.
 */
export type Report<S extends Shape> = (
  key: keyof S & string,
  message: string,
  at?: number | Omit<Problem, 'message'>,
) => void;

export interface BodySchema<S extends Shape> {
  readonly shape: S;
  /**
   * Checks across fields. Called when every attribute written in the body has a value of its type and nothing required is
   * missing. A nested block may have errors of its own and be incomplete then: what is reported at its key is dropped, and
   * what is read from it must not be reported elsewhere.
   */
  validate?(args: ArgumentsOf<S>, error: Report<S>): void;
  /** Keys that the OpenTelemetry Collector has in the same place, and Alloy has not. */
  readonly collectorOnly?: readonly string[];
  /**
   * Blocks of which the order of writing means something, whatever their names: they are decoded into one list, {@link stepsOf},
   * and not under their names, also where `shape` names them for the reference. A function, so that a body can contain itself.
   */
  readonly sequence?: () => Readonly<Record<string, BlockField<unknown>>>;
}

/** One block of a `sequence`. */
export interface Step {
  readonly name: string;
  /** What the body of the block of that name decodes to. */
  readonly args: unknown;
}

/** The blocks of the `sequence` of a decoded body, in the order of writing. */
export function stepsOf(args: object): readonly Step[] {
  return (args as { readonly steps?: readonly Step[] }).steps ?? [];
}

/** A function instead of a shape is called when somebody asks for it: a large one that most configurations do not need costs nothing. */
export function body<const S extends Shape>(
  shape: S | (() => S),
  validate?: (args: ArgumentsOf<S>, error: Report<S>) => void,
  facts: Pick<BodySchema<S>, 'collectorOnly' | 'sequence'> = {},
): BodySchema<S> {
  let made: S | null = null;
  return {
    get shape() {
      return (made ??= typeof shape === 'function' ? shape() : shape);
    },
    ...(validate === undefined ? {} : { validate }),
    ...facts,
  };
}

interface AttrOptions<T> {
  readonly doc: string;
  readonly otelcol?: Otelcol<T>;
  readonly deprecated?: string;
}

/** `{ default }`: always present. `{ required: true }`: must be written. Neither: `T | undefined`, undefined when not written or null. */
export function attr<T>(type: Type<T>, options: AttrOptions<T> & { readonly required: true }): AttrField<T>;
export function attr<T>(type: Type<T>, options: AttrOptions<T> & { readonly default: NoInfer<T> }): AttrField<T>;
export function attr<T>(type: Type<T>, options: AttrOptions<T>): AttrField<T | undefined>;
export function attr<T>(
  type: Type<T>,
  options: AttrOptions<T> & { readonly required?: true; readonly default?: T },
): AttrField<T | undefined> {
  return {
    kind: 'attr',
    type: type,
    required: options.required === true,
    default: options.default,
    doc: options.doc,
    otelcol: options.otelcol ?? {},
    deprecated: options.deprecated,
  };
}

interface BlockOptions {
  readonly doc: string;
  readonly otelcol?: Otelcol<never>;
}

/**
 * `{ many: true }`: any number, a list (with `required: true` at least one). `{ required: true }`: exactly one.
 * `{ optional: true }`: undefined when absent. None of them: filled with its defaults when absent, so its body must not
 * have required fields.
 */
export function block<S extends Shape>(
  body: BodySchema<S>,
  options: BlockOptions & { readonly many: true; readonly required?: true },
): BlockField<readonly ArgumentsOf<S>[]>;
export function block<S extends Shape>(
  body: BodySchema<S>,
  options: BlockOptions & { readonly required: true },
): BlockField<ArgumentsOf<S>>;
export function block<S extends Shape>(
  body: BodySchema<S>,
  options: BlockOptions & { readonly optional: true },
): BlockField<ArgumentsOf<S> | undefined>;
export function block<S extends Shape>(body: BodySchema<S>, options: BlockOptions): BlockField<ArgumentsOf<S>>;
export function block<S extends Shape>(
  body: BodySchema<S>,
  options: BlockOptions & { readonly required?: true; readonly many?: true; readonly optional?: true },
): BlockField<unknown> {
  const occurs = options.many === true ? 'many' : options.optional === true ? 'optional' : 'one';
  const required = options.required === true;
  if (occurs === 'one' && !required) {
    const lacking = Object.entries(body.shape).find(([, field]) => field.required);
    if (lacking !== undefined)
      throw new Error(
        `a block with the required field "${lacking[0]}" cannot be filled with defaults: make it required or optional`,
      );
  }
  return { kind: 'block', body, occurs, required, doc: options.doc, otelcol: options.otelcol ?? {} };
}

/** Every key is present, in the order of declaration. Required fields are undefined. */
export function defaults<S extends Shape>(schema: BodySchema<S>): ArgumentsOf<S> {
  const args: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.shape)) args[name] = absent(field);
  return args as ArgumentsOf<S>;
}

function absent(field: Field): unknown {
  if (field.kind === 'attr') return field.default;
  if (field.occurs === 'many') return [];
  return field.occurs === 'optional' ? undefined : defaults(field.body);
}

export interface Decoded<S extends Shape> {
  /** Complete only when no diagnostic is an error. */
  readonly args: ArgumentsOf<S>;
  readonly diagnostics: readonly Diagnostic[];
  /** Nothing is wrong, here or with an expression, which the evaluator has said. */
  readonly sound: boolean;
}

/** Decodes an evaluated body; reports everything that is wrong in it at once. `owner` is where the body belongs to (the block's name). */
export function decode<S extends Shape>(schema: BodySchema<S>, statements: EvaluatedBody, owner: Span): Decoded<S> {
  const decoder = new BodyDecoder(schema, owner);
  for (const statement of statements) {
    if (statement.kind === 'attr') decoder.attr(statement);
    else decoder.block(statement);
  }
  return decoder.finish();
}

class BodyDecoder<S extends Shape> {
  readonly #schema: BodySchema<S>;
  readonly #owner: Span;
  readonly #args: Record<string, unknown>;
  readonly #findings = new Findings();
  /** Where each name was written first: an attribute's value, a block's name. */
  readonly #written = new Map<string, Written>();
  /** Names with a value that is missing, wrong or incomplete, whoever has said so. */
  readonly #broken = new Set<string>();
  readonly #sequence: Shape;
  readonly #steps: Step[] = [];

  constructor(schema: BodySchema<S>, owner: Span) {
    this.#schema = schema;
    this.#owner = owner;
    this.#args = defaults(schema) as Record<string, unknown>;
    this.#sequence = schema.sequence?.() ?? {};
    if (schema.sequence !== undefined) this.#args['steps'] = this.#steps;
  }

  attr(statement: EvaluatedAttr): void {
    const { name, nameSpan, value } = statement;
    const field = this.#field(name);
    if (field === undefined) return this.#unknown('attribute', name, nameSpan);
    if (field.kind === 'block') {
      this.#broken.add(name);
      return this.#findings.error(
        'kind',
        `"${name}" must be a block, but is used as an attribute`,
        nameSpan,
        `write ${name} { ... } without "="`,
      );
    }
    if (this.#written.has(name))
      return this.#findings.error('duplicate', `attribute "${name}" may only be provided once`, nameSpan);
    this.#written.set(name, {
      spans: [statement.valueSpan],
      remark: statement.source.locate([]).remark,
      attr: statement,
    });
    if (field.deprecated !== undefined)
      this.#findings.warn('deprecated', `attribute "${name}" is deprecated: ${field.deprecated}`, nameSpan);
    if (value === undefined) {
      this.#broken.add(name);
      return;
    }
    if (value === null && field.default === undefined && !field.required) return;
    const decoded: unknown = field.type.decode(value);
    if (!(decoded instanceof Fault)) {
      this.#args[name] = decoded;
      return;
    }
    this.#broken.add(name);
    for (const problem of decoded.problems) this.#problem(statement, problem);
  }

  block(statement: EvaluatedBlock): void {
    const { name, nameSpan } = statement;
    const field = this.#field(name);
    if (field === undefined) return this.#unknown('block', name, nameSpan);
    if (field.kind === 'attr') {
      this.#broken.add(name);
      return this.#findings.error(
        'kind',
        `"${name}" must be an attribute, but is used as a block`,
        nameSpan,
        `write ${name} = ...`,
      );
    }
    if (this.#written.has(name) && field.occurs !== 'many')
      return this.#findings.error('duplicate', `block "${name}" may only be specified once`, nameSpan);
    if (statement.label !== '')
      this.#findings.error('label', `block "${name}" does not support specifying labels`, nameSpan);
    const before = this.#written.get(name);
    if (before === undefined) this.#written.set(name, { spans: [nameSpan], remark: remarkIn(statement.body) });
    else before.spans.push(nameSpan);
    const { args, diagnostics, sound } = decode(field.body, statement.body, nameSpan);
    for (const inner of diagnostics) this.#findings.add(inner);
    if (!sound) this.#broken.add(name);
    if (Object.hasOwn(this.#sequence, name)) this.#steps.push({ name, args });
    else if (field.occurs === 'many') (this.#args[name] as unknown[]).push(args);
    else this.#args[name] = args;
  }

  finish(): Decoded<S> {
    let checkable = true;
    for (const [name, field] of Object.entries(this.#schema.shape)) {
      if (field.kind === 'attr' && this.#broken.has(name)) checkable = false;
      if (!field.required || this.#written.has(name)) continue;
      checkable = false;
      this.#findings.error(
        'missing',
        `missing required ${field.kind === 'attr' ? 'attribute' : 'block'} "${name}"`,
        this.#owner,
      );
    }
    const args = this.#args as ArgumentsOf<S>;
    if (checkable) this.#schema.validate?.(args, (key, message, at) => this.#invalid(key, message, at));
    const diagnostics = this.#findings.list;
    return { args, diagnostics, sound: this.#broken.size === 0 && !hasErrors(diagnostics) };
  }

  #field(name: string): Field | undefined {
    if (Object.hasOwn(this.#sequence, name)) return this.#sequence[name];
    return Object.hasOwn(this.#schema.shape, name) ? this.#schema.shape[name] : undefined;
  }

  #invalid(key: string, message: string, at: number | Omit<Problem, 'message'> = 0): void {
    if (this.#broken.has(key)) return;
    const written = this.#written.get(key);
    if (typeof at !== 'number' && written?.attr !== undefined) return this.#problem(written.attr, { ...at, message });
    const index = typeof at === 'number' ? at : 0;
    this.#findings.error('invalid', message, written?.spans[index] ?? this.#owner, written?.remark);
  }

  #unknown(kind: 'attribute' | 'block', name: string, span: Span): void {
    if (this.#findings.full) return;
    this.#findings.error(
      'unknown_name',
      `unrecognized ${kind} name "${name}"`,
      span,
      didYouMean(name, Object.keys({ ...this.#schema.shape, ...this.#sequence })) ?? this.#whereItBelongs(name),
    );
  }

  /** In the Collector's YAML much stands one level higher than here. */
  #whereItBelongs(name: string): string | undefined {
    const blocks = Object.entries(this.#schema.shape).filter(
      ([, field]) => field.kind === 'block' && Object.hasOwn(field.body.shape, name),
    );
    return blocks.length === 1 ? `"${name}" belongs into the block ${blocks[0][0]} { ... }` : undefined;
  }

  #problem(statement: EvaluatedAttr, problem: Problem): void {
    if (this.#findings.full) return;
    const { text, span, rest, remark } = statement.source.locate(problem.path, problem.within);
    const help = remark ?? problem.help;
    this.#findings.error('type', `${text}${rest.map(accessText).join('')} ${problem.message}`, span, help);
  }
}

interface Written {
  /** One, or those of all blocks of the name. */
  readonly spans: Span[];
  /** What the evaluator remarked about the value, or about one inside the block. */
  readonly remark: string | undefined;
  /** Of an attribute. */
  readonly attr?: EvaluatedAttr;
}

function remarkIn(body: EvaluatedBody): string | undefined {
  for (const statement of body) {
    const remark = statement.kind === 'attr' ? statement.source.locate([]).remark : remarkIn(statement.body);
    if (remark !== undefined) return remark;
  }
  return undefined;
}
