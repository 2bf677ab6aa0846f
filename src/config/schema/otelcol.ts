/** What a declaration says of its counterpart in the OpenTelemetry Collector: what conversion goes by. */

/** Of a component. */
export interface Counterpart {
  readonly kind: 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';
  /** `otlp` */
  readonly type: string;
}

/** How the same setting looks in the OpenTelemetry Collector's YAML, where it differs. */
export interface Otelcol<T> {
  /** Dotted path of the key. Empty: the fields of the block lie beside the block's neighbours. null: there is no such setting. */
  readonly key?: string | null;
  readonly default?: T;
  /** The value is a number of so many bytes. */
  readonly unitBytes?: number;
  /** Words are written like this in a converted configuration. */
  readonly word?: (text: string) => string;
  /** The value names an extension: the name of what it exports. */
  readonly extension?: string;
  /** A key without a value stands for a block with its defaults. */
  readonly emptyIsSet?: true;
}
