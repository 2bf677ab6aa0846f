/**
 * Client metadata that travels with a request when its receiver has `include_metadata = true` (semantics 1.4): lower-case
 * keys, each with its values in order of arrival. Absent (null) otherwise.
 */
export type Metadata = ReadonlyMap<string, readonly string[]>;
