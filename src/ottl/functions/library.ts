/** The converters that every component with OTTL has. A new one is an entry in the list of its kind. */
import { COLLECTIONS } from './collections.ts';
import { CSV } from './csv.ts';
import type { Converter } from './function.ts';
import { GROK } from './grok.ts';
import { HASHES } from './hashes.ts';
import { ITEMS } from './items.ts';
import { NETWORKS } from './networks.ts';
import { SEVERITY } from './severity.ts';
import { TEXTS } from './texts.ts';
import { TIMES } from './times.ts';
import { TYPES } from './types.ts';
import { URLS } from './urls.ts';
import { USER_AGENT } from './user-agent.ts';
import { XML } from './xml.ts';

export type Functions = ReadonlyMap<string, Converter>;

const functionMap = (converters: readonly Converter[]): Functions =>
  new Map(converters.map((converter) => [converter.name, converter]));

export const CONVERTERS: Functions = functionMap([
  ...TEXTS,
  ...TYPES,
  ...HASHES,
  ...COLLECTIONS,
  ...TIMES,
  ...CSV,
  ...GROK,
  ...XML,
  ...SEVERITY,
  ...NETWORKS,
  ...URLS,
  ...USER_AGENT,
  ...ITEMS,
]);

/** The common ones with some more. */
export function withConverters(...more: readonly Converter[]): Functions {
  return functionMap([...CONVERTERS.values(), ...more]);
}
