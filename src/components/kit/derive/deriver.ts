/**
 * Derives metrics from the items of batches: for each item and each metric of its kind, attributes, conditions, value, in this
 * order. A batch counts as a whole or, where an expression fails and its error mode is to propagate, not at all. Worker threads.
 */
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch } from '#components/kit/batch.ts';
import { BatchEditor, type Edits, type Visitor } from '#components/kit/edit/batch-editor.ts';
import type { LimitedLog } from '#components/kit/limited-log.ts';
import type { SeriesTable } from '#components/kit/series/table.ts';
import { EvaluationError } from '#ottl/error.ts';
import type { Conditions, ErrorMode, OnError } from '#ottl/expression.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Signal } from '#shared/signal.ts';
import type { NotCounted } from './instruments.ts';
import { wholeResource, type SelectedResource } from './resource-identity.ts';
import type { AttributeSelection } from './selection.ts';
import { Staged } from './staged.ts';

export type ItemKind = Exclude<keyof Edits, 'resource' | 'scope'>;

/** What a metric counts of an item. */
export interface Measure {
  /** `sum` adds `value`, `gauge` sets it, `histogram` observes it `count` times. */
  readonly kind: 'sum' | 'gauge' | 'histogram';
  /** Of the last `read`. */
  readonly value: number;
  readonly count: number;
  /** False: nothing of this item. */
  read(t: Telemetry): boolean;
}

/** One metric, out of one kind of items. */
export interface Derivation {
  readonly item: ItemKind;
  /** In the plan; its first instrument. */
  readonly group: number;
  readonly metric: string;
  readonly conditions: Conditions;
  readonly selection: AttributeSelection;
  /** null: the item's own. */
  readonly resource: SelectedResource | null;
  /** null: each item is 1. */
  readonly measure: Measure | null;
}

export interface DeriverContext {
  readonly table: SeriesTable;
  readonly log: LimitedLog;
  readonly notCounted: NotCounted;
}

const NO_RESOURCE = -1;

export class Deriver {
  readonly #context: DeriverContext;
  readonly #mode: ErrorMode;
  /** Everything stays as it is. */
  readonly #editor = new BatchEditor();
  readonly #telemetry = this.#editor.t;
  readonly #staged = new Staged();
  readonly #visit: Edits;
  /** Numbers of the resource at hand: the whole one, and for each derivation the one that it selects. */
  #whole = NO_RESOURCE;
  readonly #selected: Int32Array;
  #metric = '';
  readonly #onError: OnError = (error) => this.#failed(error, 1);

  constructor(derivations: readonly Derivation[], mode: ErrorMode, context: DeriverContext) {
    this.#context = context;
    this.#mode = mode;
    this.#selected = new Int32Array(derivations.length).fill(NO_RESOURCE);
    const each = (item: ItemKind): Visitor | undefined => {
      const mine = derivations.map((derivation, i) => ({ derivation, i })).filter((d) => d.derivation.item === item);
      if (mine.length === 0) return undefined;
      return () => {
        for (const { derivation, i } of mine) this.#derive(derivation, i);
        return true;
      };
    };
    const visit: { -readonly [K in keyof Edits]: Edits[K] } = { resource: () => this.#newResource() };
    for (const item of ['span', 'spanEvent', 'metric', 'point', 'log'] as const) {
      const run = each(item);
      if (run !== undefined) visit[item] = run;
    }
    this.#visit = visit;
  }

  /** `nowMs`: wall clock, ms since the epoch. */
  consume({ signal, bytes, items }: Batch<Signal>, nowMs: number): Outcome {
    const { table } = this.#context;
    this.#telemetry.nowMs = nowMs;
    table.begin(nowMs);
    try {
      this.#editor.run(signal, bytes, items, this.#visit);
    } catch (thrown) {
      this.#staged.clear();
      if (thrown instanceof ProtobufError) {
        this.#context.notCounted.malformed.add(items);
        this.#context.log.event('warn', 'a batch cannot be read, and is rejected', items, { error: thrown.message });
        return Outcome.malformed;
      }
      if (!(thrown instanceof EvaluationError)) throw thrown;
      this.#failed(thrown, items);
      return Outcome.expression;
    }
    this.#staged.commit(table);
    return Outcome.accepted;
  }

  #newResource(): boolean {
    this.#whole = NO_RESOURCE;
    this.#selected.fill(NO_RESOURCE);
    return true;
  }

  #derive(derivation: Derivation, i: number): void {
    const t = this.#telemetry;
    const { selection, measure, group } = derivation;
    this.#metric = derivation.metric;
    if (!selection.select(t)) return;
    if (!derivation.conditions.holds(t, this.#mode, this.#onError)) return;
    if (measure !== null && !this.#read(measure, t)) return;
    const row = this.#row(group, this.#resource(derivation, i), selection);
    if (measure === null) this.#staged.add(group, row, 1, true);
    else if (measure.kind === 'histogram') this.#staged.observe(group, row, measure.value, measure.count);
    else this.#staged.add(group, row, measure.value, measure.kind === 'sum');
  }

  #read(measure: Measure, t: Telemetry): boolean {
    try {
      return measure.read(t);
    } catch (thrown) {
      if (!(thrown instanceof EvaluationError) || this.#mode === 'propagate') throw thrown;
      this.#failed(thrown, 1);
      return false;
    }
  }

  #resource({ resource }: Derivation, i: number): number {
    const known = resource === null ? this.#whole : this.#selected[i];
    if (known !== NO_RESOURCE) return known;
    const { key, attributes } = resource === null ? wholeResource(this.#telemetry) : resource.identity(this.#telemetry);
    const made = this.#context.table.resource(key, 0, key.length, attributes, 0, attributes.length);
    if (resource === null) this.#whole = made;
    else this.#selected[i] = made;
    return made;
  }

  #row(group: number, resource: number, selection: AttributeSelection): number {
    const { table } = this.#context;
    const { key, length } = selection;
    const found = table.find(group, resource, key, 0, length);
    if (found >= 0) return found;
    const attributes = selection.attributes();
    return table.make(group, resource, key, 0, length, attributes.buf, 0, attributes.length);
  }

  #failed(error: EvaluationError, items: number): void {
    const { log, notCounted } = this.#context;
    notCounted.expression.add(items);
    if (this.#mode === 'silent') return;
    log.event(this.#mode === 'propagate' ? 'error' : 'warn', 'expression failed', items, {
      metric: this.#metric,
      error: error.message,
    });
  }
}
