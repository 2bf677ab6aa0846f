/** The door to the `json-p3` package: JSONPath queries (RFC 9535). */
import { createRequire } from 'node:module';
import type * as JsonP3 from 'json-p3';

type Found = { readonly values: readonly unknown[] } | { readonly problem: string };

/** Loaded when it is used. */
const load = createRequire(import.meta.url);

/** All values that `path` finds in parsed JSON. */
export function jsonPathQuery(path: string, json: unknown): Found {
  const { query, JSONPathError } = load('json-p3') as typeof JsonP3;
  // Patterns would run on V8's regular expressions, whose time has no bound.
  if (/\b(?:match|search)\s*\(/.test(path)) return { problem: 'has match() or search(), which are not offered' };
  try {
    return { values: query(path, json as JsonP3.JSONValue).values() };
  } catch (thrown) {
    if (thrown instanceof JSONPathError) return { problem: `is not a valid JSONPath: ${thrown.message}` };
    throw thrown;
  }
}
