/**
 * Values under dotted names as nested objects: `otelcol.processor.batch.default` with an object of exports becomes what the
 * expression `otelcol.processor.batch.default.input` walks through. Values are entered as they come to be known.
 */
import { resolve, type Scope } from './scope.ts';
import { UNKNOWN, type Value } from './value.ts';

export class Names implements Scope {
  readonly #root = new Map<string, Value>();
  readonly #made = new Set<Value>([this.#root]);

  constructor(entries: Iterable<readonly [name: string, value: Value]> = []) {
    for (const [name, value] of entries) this.set(name, value);
  }

  /** A name below one that already has a value of its own replaces that value. */
  set(name: string, value: Value): void {
    const parts = name.split('.');
    const last = parts.pop() as string;
    let level = this.#root;
    for (const part of parts) {
      let inner = level.get(part);
      if (inner === undefined || !this.#made.has(inner)) {
        inner = new Map<string, Value>();
        this.#made.add(inner);
        level.set(part, inner);
      }
      level = inner as Map<string, Value>;
    }
    level.set(last, value);
  }

  /** A reference has been told to lead nowhere: the evaluator must not stumble over it again. */
  leadNowhere(path: string): void {
    if (this.get(path) === undefined) this.set(path, UNKNOWN);
  }

  get(path: string): Value | undefined {
    return resolve(this, path.split('.'));
  }

  lookup(name: string): Value | undefined {
    return this.#root.get(name);
  }

  names(): Iterable<string> {
    return this.#root.keys();
  }
}
