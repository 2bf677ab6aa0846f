/**
 * Evaluates expressions and bodies. Facts: grafana/alloy `syntax/vm`. Every mistake is reported at the innermost expression
 * that is to blame, and evaluation goes on beside it, so that all come at once. Never throws on a tree without syntax errors.
 */
import type { Diagnostic, Span } from '#config/diag/diagnostic.ts';
import { Findings } from '#config/diag/findings.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import type {
  AccessExpr,
  BinaryExpr,
  Body,
  CallExpr,
  Expr,
  IdentifierExpr,
  IndexExpr,
  ObjectExpr,
} from '#config/syntax/ast.ts';
import type { Source } from '#config/syntax/source.ts';
import type { EvaluatedBody } from './body.ts';
import { call } from './call.ts';
import { unknownFunction } from './library/library.ts';
import { literalValue } from './literal.ts';
import { binary, unary } from './operators.ts';
import { functionNames, resolve, type Scope } from './scope.ts';
import { accessText, exprText, Remarks, valueSource } from './value-source.ts';
import { isArray, isFunction, isKnown, isObject, typeName, UNKNOWN, type Value } from './value.ts';

/** `value` is undefined if something went wrong, which `diagnostics` tell. */
export interface Evaluated {
  readonly value: Value | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function evaluate(source: Source, expr: Expr, scope: Scope): Evaluated {
  const evaluator = new Evaluator(source, scope);
  return { value: whole(evaluator.expr(expr)), diagnostics: evaluator.diagnostics };
}

export interface EvaluatedStatements {
  readonly body: EvaluatedBody;
  readonly diagnostics: readonly Diagnostic[];
}

/** What `decode` of `#config/schema` takes. An attribute that cannot be evaluated is there without a value. */
export function evaluateBody(source: Source, body: Body, scope: Scope): EvaluatedStatements {
  const evaluator = new Evaluator(source, scope);
  return { body: evaluator.body(body), diagnostics: evaluator.diagnostics };
}

/** undefined: failed, and reported; or not known before the configuration runs. */
type Maybe = Value | undefined;
/** An expression whose operand to the left was evaluated before it. */
type Suffix = AccessExpr | IndexExpr | CallExpr | BinaryExpr;

class Evaluator {
  readonly #findings = new Findings();
  readonly #remarks = new Remarks();
  readonly #source: Source;
  readonly #scope: Scope;

  constructor(source: Source, scope: Scope) {
    this.#source = source;
    this.#scope = scope;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#findings.list;
  }

  body(statements: Body): EvaluatedBody {
    return statements.map((statement) => {
      const nameSpan = this.#span(statement.name);
      if (statement.kind === 'block') {
        return {
          kind: 'block',
          name: statement.name.text,
          nameSpan,
          label: statement.label?.text ?? '',
          body: this.body(statement.body),
        };
      }
      const { name, value } = statement;
      return {
        kind: 'attr',
        name: name.text,
        nameSpan,
        value: whole(this.expr(value)),
        valueSpan: this.#span(value),
        source: valueSource(this.#source, value, this.#remarks),
      };
    });
  }

  /** A loop along the chain to the left, which may be as long as the file; recursion into everything else. */
  expr(expr: Expr): Maybe {
    const chain: Suffix[] = [];
    let first = expr;
    while (first.kind === 'access' || first.kind === 'index' || first.kind === 'call' || first.kind === 'binary') {
      chain.push(first);
      first = first.left;
    }
    const missing = first.kind === 'identifier' ? this.#missingFunction(first, chain) : undefined;
    let value = missing === undefined ? this.#start(first) : undefined;
    for (let i = (missing ?? chain.length) - 1; i >= 0; i--) value = this.#suffix(chain[i], value);
    return value;
  }

  /**
   * A call by a dotted name that stands for nothing is told as a whole: where in `chain` (the outermost comes first) the
   * call is. undefined: there is none.
   */
  #missingFunction(first: IdentifierExpr, chain: readonly Suffix[]): number | undefined {
    const at = chain.findLastIndex((suffix) => suffix.kind !== 'access');
    const callee = chain[at + 1] ?? first;
    if (chain[at]?.kind !== 'call') return undefined;
    const path = [first.name];
    for (let i = chain.length - 1; i > at; i--) path.push((chain[i] as AccessExpr).name.text);
    if (resolve(this.#scope, path) !== undefined) return undefined;
    if (!this.#findings.full) {
      const { code, message, help } = unknownFunction(path.join('.'), functionNames(this.#scope));
      this.#findings.error(code, message, this.#span(callee), help);
    }
    return at + 1;
  }

  #start(expr: Exclude<Expr, Suffix>): Maybe {
    switch (expr.kind) {
      case 'literal': {
        const value = literalValue(expr);
        return value === undefined ? this.#fail(expr, 'is not a valid literal: value out of range') : value;
      }
      case 'identifier': {
        const value = this.#scope.lookup(expr.name);
        if (value !== undefined) return known(value);
        return this.#missing(
          `identifier "${expr.name}" does not exist`,
          this.#span(expr),
          expr.name,
          this.#scope.names(),
        );
      }
      case 'paren':
        return this.expr(expr.inner);
      case 'array':
        return this.#all(expr.elements);
      case 'object':
        return this.#object(expr);
      case 'unary': {
        const operand = this.expr(expr.operand);
        if (operand === undefined) return undefined;
        const result = unary(expr.operator, operand);
        return 'value' in result ? result.value : this.#fail(expr.operand, result.misfit.message);
      }
    }
  }

  #suffix(expr: Suffix, left: Maybe): Maybe {
    switch (expr.kind) {
      case 'access':
        return left === undefined ? undefined : this.#access(expr, left);
      case 'index': {
        const index = this.expr(expr.index);
        return left === undefined || index === undefined ? undefined : this.#index(expr, left, index);
      }
      case 'call': {
        const args = this.#all(expr.args);
        return left === undefined || args === undefined || !args.every(isKnown)
          ? undefined
          : this.#call(expr, left, args);
      }
      case 'binary': {
        const right = this.expr(expr.right);
        if (left === undefined || right === undefined || !isKnown(left) || !isKnown(right)) return undefined;
        const result = binary(left, expr.operator, right);
        return 'value' in result ? result.value : this.#fail(expr[result.misfit.side], result.misfit.message);
      }
    }
  }

  #all(exprs: readonly Expr[]): readonly Value[] | undefined {
    const values = exprs.map((expr) => this.expr(expr));
    return values.some((value) => value === undefined) ? undefined : (values as Value[]);
  }

  /** Of fields with the same name the last counts. */
  #object(expr: ObjectExpr): Maybe {
    const fields = new Map<string, Value>();
    let complete = true;
    for (const field of expr.fields) {
      const value = this.expr(field.value);
      if (value === undefined) complete = false;
      else fields.set(field.name.text, value);
    }
    return complete ? fields : undefined;
  }

  #access(expr: AccessExpr, left: Value): Maybe {
    const { text } = expr.name;
    if (!isObject(left))
      return this.#fail(expr.left, `cannot access field "${text}" on value of type ${typeName(left)}`);
    const value = left.get(text);
    return value === undefined
      ? this.#missing(`field "${text}" does not exist`, this.#span(expr.name), text, left.keys())
      : known(value);
  }

  #index(expr: IndexExpr, left: Value, index: Value): Maybe {
    if (isArray(left)) {
      if (typeof index !== 'bigint' && typeof index !== 'number')
        return this.#fail(expr.index, `should be number, got ${typeName(index)}`);
      const position = Math.trunc(Number(index));
      const value = left[position];
      return value === undefined
        ? this.#fail(expr.index, `index ${position} is out of range of array with length ${left.length}`)
        : known(value);
    }
    if (isObject(left)) {
      if (typeof index !== 'string') return this.#fail(expr.index, `should be string, got ${typeName(index)}`);
      // Unlike access with a dot, a key that is not there gives null.
      return known(left.get(index) ?? null);
    }
    return this.#fail(expr.left, `expected object or array, got ${typeName(left)}`);
  }

  #call(expr: CallExpr, callee: Value, args: readonly Value[]): Maybe {
    if (!isFunction(callee)) return this.#fail(expr.left, `should be function, got ${typeName(callee)}`);
    if (callee.withheld !== undefined) {
      const { code, message, help } = callee.withheld;
      this.#findings.error(code, message, this.#span(expr.left), help);
      return undefined;
    }
    const result = call(callee, args, (text) => this.#remarks.add(expr, text));
    if ('value' in result) return result.value;
    const { argument, path, message } = result.error;
    if (argument === undefined) return this.#fail(expr.left, message);
    const { text, span, rest, remark } = valueSource(this.#source, expr.args[argument], this.#remarks).locate(path);
    this.#findings.error('eval', `${text}${rest.map(accessText).join('')} ${message}`, span, remark);
    return undefined;
  }

  /** Always undefined. The message begins with the text of the expression to blame. */
  #fail(blame: Expr, message: string): undefined {
    if (this.#findings.full) return undefined;
    const text = `${exprText(this.#source, blame)} ${message}`;
    this.#findings.error('eval', text, this.#span(blame), this.#remarks.within(blame));
    return undefined;
  }

  #missing(message: string, span: Span, name: string, names: Iterable<string>): undefined {
    if (!this.#findings.full) this.#findings.error('unknown_name', message, span, didYouMean(name, names));
  }

  #span(node: { readonly start: number; readonly end: number }): Span {
    return this.#source.span(node.start, node.end);
  }
}

/** A value of which a part is not known yet is none. */
function whole(value: Maybe): Maybe {
  return value !== undefined && isKnown(value) ? value : undefined;
}

function known(value: Value): Maybe {
  return value === UNKNOWN ? undefined : value;
}
