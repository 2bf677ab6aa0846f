/** Values of a configuration that an attribute can have. */
import type { PlainMap, PlainValue } from '#codec/otlp/any-value.ts';

/** A value of a configuration; undefined: it is none that an attribute can have, for example a function or a secret. */
export function plainValue(value: unknown): PlainValue | undefined {
  if (value === null) return null;
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
    case 'number':
    case 'string':
      return value;
    case 'object':
      if (Array.isArray(value)) {
        const items = value.map(plainValue);
        return items.includes(undefined) ? undefined : (items as PlainValue[]);
      }
      if (!(value instanceof Map)) return undefined;
      for (const member of value.values()) if (plainValue(member) === undefined) return undefined;
      return value as PlainMap;
    default:
      return undefined;
  }
}
