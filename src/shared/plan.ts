/**
 * The plan: what main tells each worker to build. Plain data (structured clone), made by `main/graph` from the evaluated
 * configuration, carried out by `workers/pipeline`. A reload sends the next plan; a worker keeps every node that is equal in
 * both.
 */
import type { Signal } from './signal.ts';

/** Node ids that take each signal. Every id names a {@link PlanNode}. */
export interface Wires {
  readonly traces: readonly string[];
  readonly metrics: readonly string[];
  readonly logs: readonly string[];
}

export interface PlanNode {
  /** `otelcol.processor.batch.default` */
  readonly id: string;
  /** `otelcol.processor.batch` */
  readonly component: string;
  /** Decoded arguments (schema `Infer`), consumers included as {@link ConsumerRef}s. */
  readonly args: unknown;
  readonly next: Wires;
}

/** A receiver's mouth into the workers: frames carry its `index`. */
export interface PlanEntry {
  /** 0..65535, stable while the receiver's id exists. */
  readonly index: number;
  readonly id: string;
  readonly next: Wires;
}

export interface Plan {
  /** Each node after the nodes that it feeds (sinks first). */
  readonly nodes: readonly PlanNode[];
  readonly entries: readonly PlanEntry[];
}

/** What `otelcol.x.y.label.input` evaluates to: a capsule of type otelcol.Consumer. */
export interface ConsumerRef {
  readonly capsule: 'otelcol.Consumer';
  readonly nodeId: string;
  /** Signals that the component accepts. */
  readonly accepts: readonly Signal[];
}
