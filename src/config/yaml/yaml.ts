/** The door to the `yaml` package. It is loaded when YAML is read. */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

const load = createRequire(import.meta.url);
export const yaml = (): typeof Yaml => load('yaml') as typeof Yaml;

export type { Document, Node, ParsedNode, Range, YAMLError } from 'yaml';

/** Expansions of aliases; more is an attack. */
export const MAX_ALIASES = 100;

/** A YAML text as plain values: maps are Maps, whole numbers beyond 2^53 are bigints. */
export function parseYaml(text: string): { readonly value: unknown } | { readonly problem: string } {
  const { parseDocument } = yaml();
  try {
    const document = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'silent', intAsBigInt: true });
    const [error] = document.errors;
    if (error !== undefined) return { problem: error.message };
    return { value: document.toJS({ mapAsMap: true, maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (thrown) {
    // Aliases beyond the bound, or that stand for nothing.
    return { problem: (thrown as Error).message };
  }
}
