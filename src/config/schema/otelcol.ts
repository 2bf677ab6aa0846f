/** What a declaration says of its counterpart in the OpenTelemetry Collector: what conversion goes by. */
import type { MapNode, Range } from '#config/yaml/node.ts';

/** Of a component. */
export interface Counterpart {
  readonly kind: 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';
  /** `otlp` */
  readonly type: string;
  /** Other names of the type, which the Collector takes, too. */
  readonly aliases?: readonly string[];
  /** For shapes that the schema cannot express: gives the settings in the shape that it can, with their places. */
  readonly reshape?: Reshape;
}

export type Reshape = (config: MapNode, say: Reshaping) => MapNode;

/** What a reshaping hook may use. */
export interface Reshaping {
  /** The label of the component's block. */
  readonly label: string;
  /** What is left out. */
  readonly warn: (message: string, at: Range) => void;
  /** What cannot be right: there is no result then. */
  readonly refuse: (message: string, at: Range) => void;
  /** Another component, of the same label, that must stand before this one; its settings by the names of its own schema. */
  readonly before: (component: string, settings: MapNode) => void;
}

/** How the same setting looks in the OpenTelemetry Collector's YAML, where it differs. */
export interface Otelcol<T> {
  /** Dotted path of the key. Empty: the fields of the block lie beside the block's neighbours. null: there is no such setting. */
  readonly key?: string | null;
  readonly default?: T;
  /** Alloy has no default of its own (the type's zero value), so that a written value is always written out. */
  readonly unset?: true;
  /** Of a size: in YAML it is a bare number of so many bytes. */
  readonly unitBytes?: number;
  /** Words are written like this in a converted configuration. */
  readonly word?: (text: string) => string;
  /** Not written, it is what this setting of the map around it is. */
  readonly inherit?: string;
  /** The value names an extension: the name of what it exports. */
  readonly extension?: string;
  /** Of a block: a key without a value stands for its defaults. Of an attribute: a written zero value is not the same as none. */
  readonly emptyIsSet?: true;
  /** Of blocks of which there may be many: in YAML they are a map, whose keys are this attribute of each. */
  readonly keyed?: string;
  /** Of a block: written out, even empty, wherever the block around it is. */
  readonly always?: true;
}
