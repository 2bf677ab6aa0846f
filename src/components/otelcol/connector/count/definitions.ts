/** The metrics of a configuration: the configured ones, and the default ones of the kinds that have none. */
import type { PlainValue } from '#codec/otlp/any-value.ts';
import type { Wanted } from '#components/kit/derive/selection.ts';
import { DEFAULTS, type Args, type Kind } from './schema.ts';

export interface Definition {
  readonly kind: Kind;
  readonly name: string;
  readonly description: string;
  readonly conditions: readonly string[];
  readonly attributes: readonly Wanted[];
  /** Metrics of one name, out of several kinds, are one. */
  readonly group: number;
}

export function definitionsOf(args: Args): Definition[] {
  const groups = new Map<string, number>();
  return (Object.keys(DEFAULTS) as Kind[]).flatMap((kind) => {
    const configured = args[kind];
    const metrics = configured.length > 0 ? configured : [{ ...DEFAULTS[kind], conditions: [], attributes: [] }];
    return metrics.map(({ name = DEFAULTS[kind].name, description, conditions, attributes }) => {
      const group = groups.get(name) ?? groups.size;
      groups.set(name, group);
      return {
        kind,
        name,
        description,
        conditions,
        attributes: attributes.map(({ key, default_value }) => ({
          key,
          otherwise: defaultOf(default_value),
          optional: false,
        })),
        group,
      };
    });
  });
}

/** As upstream, the empty text and 0 are no default. */
function defaultOf(value: unknown): PlainValue | undefined {
  if (typeof value === 'bigint') return value === 0n ? undefined : value;
  if (typeof value === 'number') return value === 0 ? undefined : value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
