/**
 * The trace of one evaluation: a span for all of it, one for each node, and one for bringing it into force. Names and attributes
 * of the first two: grafana/alloy v1.18 `internal/runtime/internal/controller/loader.go`.
 *
 * The first evaluation begins before anybody knows where its trace goes, so what was measured becomes spans only at the end.
 */
import type { EvaluationObserver } from '../graph/evaluation-observer.ts';
import { STATUS } from './span-encoder.ts';
import type { Parent, Tracer } from './tracer.ts';

/** Of a larger configuration only so many nodes get a span. */
const MAX_NODES = 1000;

interface Measured {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
}

export class EvaluationTrace implements EvaluationObserver {
  readonly #tracer: Tracer;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  readonly #nodes: Measured[] = [];
  #count = 0;
  #evaluatedMs = 0;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
    this.#nowMs = tracer.stopwatch();
    this.#startMs = this.#nowMs();
  }

  node(id: string): () => void {
    this.#count++;
    if (this.#count > MAX_NODES) return () => {};
    const startMs = this.#nowMs();
    return () => void this.#nodes.push({ id, startMs, endMs: this.#nowMs() });
  }

  evaluated(): void {
    this.#evaluatedMs = this.#nowMs();
  }

  ended(problem: string | null): void {
    const endMs = this.#nowMs();
    const attributes = this.#count > MAX_NODES ? { 'millrace.nodes_without_span': this.#count - MAX_NODES } : {};
    const status = problem === null ? STATUS.ok : STATUS.error;
    const message = problem ?? '';
    this.#tracer.root(
      { name: 'GraphEvaluate', startMs: this.#startMs, endMs, attributes, status, message },
      (parent) => {
        for (const node of this.#nodes) this.#node(parent, node);
        const work = { attributes: {}, status, message };
        if (this.#evaluatedMs > 0)
          this.#tracer.child(parent, { name: 'ApplyGraph', startMs: this.#evaluatedMs, endMs, ...work });
      },
    );
  }

  #node(parent: Parent, { id, startMs, endMs }: Measured): void {
    const attributes = { node_id: id };
    this.#tracer.child(parent, { name: 'EvaluateNode', startMs, endMs, attributes, status: STATUS.unset, message: '' });
  }
}
