/** What a component says about its namesake in the OpenTelemetry Collector, beside what its schema says about each setting. */
import type { BodySchema, Shape } from '#config/schema/schema.ts';
import type { Kind } from './ids.ts';
import type { BlockStatement } from '#config/syntax/ast.ts';
import type { MapNode, Range } from './yaml-node.ts';

export interface CollectorFact {
  readonly kind: Kind;
  /** As written in YAML: `batch`, `memory_limiter`. */
  readonly type: string;
  /** Other names of the type. */
  readonly aliases?: readonly string[];
  /** For shapes that a schema cannot express: gives the settings in the shape that it can, with their places. */
  readonly reshape?: (config: MapNode, say: Reshaping) => MapNode;
}

/** What a reshaping hook may use. */
export interface Reshaping {
  /** The label of the component's block. */
  readonly label: string;
  /** What is left out. */
  warn(message: string, at: Range): void;
  /** What cannot be right: there is no result then. */
  refuse(message: string, at: Range): void;
  /** A block that must stand before the component's. */
  before(block: BlockStatement): void;
}

/** As much of a component as the conversion must know. */
export interface Convertible {
  readonly name: string;
  readonly args: BodySchema<Shape>;
  readonly otelcol?: CollectorFact;
}
