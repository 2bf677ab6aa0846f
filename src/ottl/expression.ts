/**
 * OTTL for components: texts become conditions and value expressions, once, and are then asked for every item.
 *
 *     const slow = compileConditions(['end_time - start_time > Duration("1s")'], 'span');
 *     slow.holds(telemetry, 'ignore', onError);
 */
import { Compiler } from './compile.ts';
import { CONTEXTS, type ContextName } from './context.ts';
import { EDITORS, type Editors } from './editors/library.ts';
import { EvaluationError } from './error.ts';
import { CONVERTERS, type Functions } from './functions/library.ts';
import { inferContext } from './infer.ts';
import type { StaticType } from './paths/entry.ts';
import { parseCondition, parseStatement, parseValue } from './syntax/parser.ts';
import type { Getter, Run, Telemetry } from './telemetry.ts';

/**
 * What becomes of an expression that fails on an item: `propagate` throws; `ignore` and `silent` tell it to whoever counts, and go on
 * as if a condition did not hold, or a value were not there. Failures that are to be ignored are logged, silent ones are not.
 */
export type ErrorMode = 'ignore' | 'silent' | 'propagate';
export type OnError = (error: EvaluationError) => void;

/** Throws OttlError. */
export function compileCondition(
  text: string,
  context: ContextName,
  functions: Functions = CONVERTERS,
): Getter<boolean> {
  return new Compiler(text, CONTEXTS[context], functions).condition(parseCondition(text));
}

export interface ValueExpression {
  readonly get: Getter;
  /** What is known of its values before there is data. */
  readonly type: StaticType;
}

/** Throws OttlError. */
export function compileValue(text: string, context: ContextName, functions: Functions = CONVERTERS): ValueExpression {
  const { get, type } = new Compiler(text, CONTEXTS[context], functions).value(parseValue(text));
  return { get, type };
}

/** Throws OttlError. */
export function compileStatement(
  text: string,
  context: ContextName,
  functions: Functions = CONVERTERS,
  editors: Editors = EDITORS,
): Run {
  return new Compiler(text, CONTEXTS[context], functions).statement(parseStatement(text), editors);
}

/** Statements, one after the other; one that fails is told of and passed over, unless the mode is to propagate. */
export class Statements {
  readonly #texts: readonly string[];
  readonly #runs: readonly Run[];

  /** Texts and what they were compiled to. */
  constructor(texts: readonly string[], runs: readonly Run[]) {
    this.#texts = texts;
    this.#runs = runs;
  }

  run(t: Telemetry, mode: ErrorMode, onError: OnError): void {
    for (let i = 0; i < this.#runs.length; i++) {
      try {
        this.#runs[i](t);
      } catch (thrown) {
        tell(thrown, this.#texts[i], mode, onError);
      }
    }
  }
}

/** Throws OttlError. */
export function compileStatements(
  texts: readonly string[],
  context: ContextName,
  functions: Functions = CONVERTERS,
  editors: Editors = EDITORS,
): Statements {
  return new Statements(
    texts,
    texts.map((text) => compileStatement(text, context, functions, editors)),
  );
}

/** The context of texts of which each says what its paths are of (`span.name`). Throws OttlError. */
export function contextOf(
  kind: 'statement' | 'condition',
  texts: readonly string[],
  among: readonly ContextName[],
  functions: Functions = CONVERTERS,
  editors: Editors = EDITORS,
): ContextName {
  const parse = kind === 'statement' ? parseStatement : parseCondition;
  return inferContext(
    texts.map((text) => ({ text, tree: parse(text) })),
    among,
    functions,
    editors,
  );
}

/** Conditions of which one has to hold; none at all hold always. */
export class Conditions {
  readonly #texts: readonly string[];
  readonly #conditions: readonly Getter<boolean>[];

  /** Texts and what they were compiled to. */
  constructor(texts: readonly string[], conditions: readonly Getter<boolean>[]) {
    this.#texts = texts;
    this.#conditions = conditions;
  }

  holds(t: Telemetry, mode: ErrorMode, onError: OnError): boolean {
    if (this.#conditions.length === 0) return true;
    for (let i = 0; i < this.#conditions.length; i++) {
      try {
        if (this.#conditions[i](t)) return true;
      } catch (thrown) {
        tell(thrown, this.#texts[i], mode, onError);
      }
    }
    return false;
  }
}

/** Throws OttlError. */
export function compileConditions(
  texts: readonly string[],
  context: ContextName,
  functions: Functions = CONVERTERS,
): Conditions {
  return new Conditions(
    texts,
    texts.map((text) => compileCondition(text, context, functions)),
  );
}

function tell(thrown: unknown, text: string, mode: ErrorMode, onError: OnError): void {
  if (!(thrown instanceof EvaluationError)) throw thrown;
  thrown.expression = text;
  if (mode === 'propagate') throw thrown;
  onError(thrown);
}
