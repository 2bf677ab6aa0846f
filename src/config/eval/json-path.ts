/**
 * The door to the `json-p3` package: JSONPath queries (RFC 9535). Other than the library that Alloy uses it knows no `=~`, no
 * scripts such as `(@.length-1)`, and no `match()` and `search()`.
 */
import { createRequire } from 'node:module';
import type * as JsonP3 from 'json-p3';

/** Where a value was found: keys and positions from the root. */
export type Location = readonly (string | number)[];
type Found = { readonly locations: readonly Location[] } | { readonly problem: string };

const MAX_PATH = 1000;
/** Looks into lists and objects. The time for them is about a second, whatever the path. */
const MAX_STEPS = 1_000_000;
const MAX_DEPTH = 500;

class TooLong extends Error {}

/** Loaded when it is used. */
const load = createRequire(import.meta.url);

/** Where `path` leads in the JSON that `parse` gives when it maps each list and object with `meter`. */
export function jsonPath(path: string, parse: (meter: (container: object) => object) => unknown): Found {
  if (path.length > MAX_PATH) return { problem: `is longer than ${MAX_PATH} characters` };
  const { JSONPathEnvironment, JSONPathError } = load('json-p3') as typeof JsonP3;
  const environment = new JSONPathEnvironment({ maxRecursionDepth: MAX_DEPTH });
  // Patterns would run on V8's regular expressions, whose time has no bound.
  for (const name of ['match', 'search']) environment.functionRegister.delete(name);
  let query: JsonP3.JSONPathQuery;
  try {
    query = environment.compile(rooted(path));
  } catch (thrown) {
    if (thrown instanceof JSONPathError) return { problem: `is not a valid JSONPath: ${thrown.message}` };
    throw thrown;
  }
  let steps = 0;
  const step = (): void => {
    if (++steps > MAX_STEPS) throw new TooLong();
  };
  const handler: ProxyHandler<object> = {
    get(target, key) {
      step();
      return Reflect.get(target, key) as unknown;
    },
    ownKeys(target) {
      step();
      return Reflect.ownKeys(target);
    },
    getOwnPropertyDescriptor(target, key) {
      step();
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  };
  const json = parse((container) => new Proxy(container, handler));
  steps = 0;
  try {
    const locations: Location[] = [];
    for (const node of query.lazyQuery(json as JsonP3.JSONValue)) locations.push(node.location);
    return { locations };
  } catch (thrown) {
    if (thrown instanceof TooLong) return { problem: 'takes too long for this JSON' };
    if (thrown instanceof JSONPathError) return { problem: `cannot be followed: ${thrown.message}` };
    throw thrown;
  }
}

/** Alloy's paths need no `$`: `.key`, `[0]`, `key`. */
function rooted(path: string): string {
  if (path.startsWith('$')) return path;
  if (path.startsWith('@')) return `$${path.slice(1)}`;
  return path === '' || path.startsWith('.') || path.startsWith('[') ? `$${path}` : `$.${path}`;
}
