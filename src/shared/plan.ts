/**
 * The plan: what main tells each worker to build. Plain data (structured clone), made by `main/graph` from the evaluated
 * configuration, carried out by `workers/pipeline`. A reload sends the next plan; a worker keeps every node that is equal in
 * both.
 */
import type { Flow, FlowName, SignalName } from './signal.ts';

/** Node ids that take what flows out, by flow. Every id names a {@link PlanNode}. Entries have OTLP signals only. */
export type Wires = Readonly<Record<'traces' | 'metrics' | 'logs', readonly string[]>> &
  Readonly<Partial<Record<FlowName, readonly string[]>>>;

export interface PlanNode {
  /** `otelcol.processor.batch.default` */
  readonly id: string;
  /** `otelcol.processor.batch` */
  readonly component: string;
  /** Decoded arguments (schema `Infer`), consumers included as {@link ConsumerRef}s. */
  readonly args: unknown;
  readonly next: Wires;
  /** Of a component with a guard: memory of its gate (`gate.ts`), the same as long as the id is there. */
  readonly gate?: SharedArrayBuffer;
}

/** A way into the workers, of a receiver or of a merge part: frames carry its `index`. */
export interface PlanEntry {
  /** 0..65535, stable while the receiver's id exists. */
  readonly index: number;
  readonly id: string;
  readonly next: Wires;
  /** Of a merge part: it brings in what the workers have handed over, also while they come to their end. */
  readonly merged?: boolean;
  /** By signal, where all that take it have a guard: their gates. While all of these are closed nothing can get further. */
  readonly gates?: Readonly<Partial<Record<SignalName, readonly SharedArrayBuffer[]>>>;
}

export interface Plan {
  /** Each node after the nodes that it feeds (sinks first). */
  readonly nodes: readonly PlanNode[];
  readonly entries: readonly PlanEntry[];
}

/**
 * What a component's exported `input` (OTLP) or `receiver` (Prometheus, Loki) evaluates to. The names of the capsules are those
 * of Alloy's Go types.
 */
export interface ConsumerRef {
  readonly capsule: 'otelcol.Consumer' | 'storage.Appendable' | 'loki.LogsReceiver';
  readonly nodeId: string;
  /** What the component accepts. */
  readonly accepts: readonly Flow[];
}
