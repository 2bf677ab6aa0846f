/**
 * A configuration block that exists once in the whole configuration, in the root module, without a label. What it says is
 * evaluated with everything else and kept in {@link Graph.settings}; who is concerned reads it there when a configuration
 * comes into force.
 */
import type { Stability } from '#components/kit/component.ts';
import type { ArgumentsOf, BodySchema, Shape } from '#config/schema/schema.ts';

export interface ConfigBlock<S extends Shape = Shape> {
  readonly name: string;
  readonly stability: Stability;
  /** One sentence for the reference. */
  readonly summary: string;
  /** Without required fields: an absent block counts as an empty one. */
  readonly args: BodySchema<S>;
  /**
   * Looks at what the arguments name and do not hold, such as files, before the configuration comes into force. Throws a
   * MillraceError that becomes a diagnostic of the block.
   */
  check?(args: ArgumentsOf<S>): void;
  /** What is accepted and has no effect, for the log. */
  remarks?(args: ArgumentsOf<S>): readonly string[];
}

/** Helper that gives a block its types. */
export function configBlock<S extends Shape>(block: ConfigBlock<S>): ConfigBlock<S> {
  return block;
}
