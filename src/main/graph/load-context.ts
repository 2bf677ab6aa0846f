/** What all modules of one load share: options, what was found, bounds, and what earlier loads already worked out. */
import { diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { MAX_FINDINGS } from '#config/diag/findings.ts';
import type { Scope } from '#config/eval/scope.ts';
import type { Value } from '#config/eval/value.ts';
import type { BlockStatement } from '#config/syntax/ast.ts';
import { parse, type Parsed } from '#config/syntax/parse.ts';
import type { EvaluationObserver } from './evaluation-observer.ts';
import type { Available } from './nodes.ts';
import type { Provide } from './providers.ts';
import { Report } from './report.ts';
import type { Source } from './source.ts';

/** More than any configuration has; what a few nested custom components can multiply to is refused. */
export const MAX_NODES = 100_000;

/** What became of a node without mistakes. It holds again while the block and all that it was made of are the same objects. */
export interface Memoized {
  readonly block: BlockStatement;
  readonly inputs: readonly unknown[];
  readonly result: unknown;
}

/** Results by global id, from one load to the next. */
export type Memo = Map<string, Memoized>;

export interface LoadContextOptions extends Available {
  readonly stdlib: Scope;
  /** null: nothing is read and nothing is started; what providers give is unknown. */
  readonly provide: Provide | null;
  /** Gives what is local and read only to be looked at: imported files. */
  readonly look: Provide;
  readonly evaluated: (seconds: number) => void;
  readonly observer: EvaluationObserver;
  readonly nowMs: () => number;
  readonly memo: Memo;
  readonly maxNodes: number;
}

export class LoadContext {
  readonly options: LoadContextOptions;
  readonly report = new Report();
  /** Of modules, by the name that diagnostics use. */
  readonly texts = new Map<string, string>();
  readonly memo: Memo = new Map();
  /** `declare` blocks that have been looked at. */
  readonly checked = new Set<BlockStatement>();
  readonly #circles: (readonly BlockStatement[])[] = [];
  #nodes = 0;

  constructor(options: LoadContextOptions) {
    this.options = options;
  }

  /** Whether there is room for one node more. */
  takeNode(span: Span): boolean {
    const { maxNodes } = this.options;
    this.#nodes++;
    if (this.#nodes === maxNodes + 1)
      this.report.add([
        diagnostic('error', 'too_many', `the configuration makes more than ${maxNodes} components`, span),
      ]);
    return this.#nodes <= maxNodes;
  }

  /** Whether these `declare` blocks, which contain each other in a circle, are met for the first time, from wherever. */
  meets(circle: readonly BlockStatement[]): boolean {
    if (this.#circles.length >= MAX_FINDINGS) return false;
    if (this.#circles.some((known) => known.length === circle.length && known.every((one) => circle.includes(one))))
      return false;
    this.#circles.push(circle);
    return true;
  }

  /** Works a result out, or takes that of the last load if nothing that it was made of has changed. */
  memoized<T>(
    id: string,
    block: BlockStatement,
    inputs: readonly unknown[],
    make: () => T,
    keep: (made: T) => boolean,
  ): T {
    const before = this.options.memo.get(id);
    if (
      before?.block === block &&
      before.inputs.length === inputs.length &&
      before.inputs.every((x, i) => x === inputs[i])
    ) {
      this.memo.set(id, before);
      return before.result as T;
    }
    const { evaluated, nowMs } = this.options;
    const startMs = nowMs();
    const result = make();
    evaluated((nowMs() - startMs) / 1000);
    if (keep(result)) this.memo.set(id, { block, inputs, result });
    return result;
  }
}

/** The last parse of a text is kept with its bytes, so that a text that did not change gives the same tree. */
const PARSED = new WeakMap<Uint8Array, Parsed>();

export function parseSource({ name, bytes, parsed }: Source): Parsed {
  if (parsed !== undefined) return parsed;
  const known = PARSED.get(bytes);
  if (known !== undefined && known.file.source.name === name) return known;
  const fresh = parse(name, bytes);
  PARSED.set(bytes, fresh);
  return fresh;
}

export type Values = ReadonlyMap<string, Value>;
