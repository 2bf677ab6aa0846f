/** The names of a module while it is evaluated: a tree that values are entered into as they come to be known. */
import type { Scope } from '#config/eval/scope.ts';
import { isObject, UNKNOWN, type Value } from '#config/eval/value.ts';

export class Names implements Scope {
  readonly #root = new Map<string, Value>();
  readonly #made = new Set<Value>([this.#root]);

  /** `otelcol.processor.batch.default` and the object of its exports. A name below one with a value of its own replaces that. */
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

  get(name: string): Value | undefined {
    let value: Value | undefined = this.#root;
    for (const part of name.split('.')) value = value !== undefined && isObject(value) ? value.get(part) : undefined;
    return value;
  }

  lookup(name: string): Value | undefined {
    return this.#root.get(name);
  }

  names(): Iterable<string> {
    return this.#root.keys();
  }
}
