/**
 * The mistakes of one load, each told once, however many instances of a module have it: of a mistake that depends on the
 * instance the first one is named, of one that every instance has none.
 */
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import { MAX_FINDINGS } from '#config/diag/findings.ts';

export interface Whose {
  /** The instances that the mistake depends on, innermost first: `in my.gateway "a" at gateway.alloy:3:1`. */
  readonly where?: readonly string[] | undefined;
  /** Global id of the node that cannot be because of it. */
  readonly node?: string | undefined;
}

interface Told extends Whose {
  readonly diagnostic: Diagnostic;
}

/** Of a longer way the ends are named. */
const MAX_WAY = 3;

function placeText(where: readonly string[] = []): string {
  const way = where.length <= MAX_WAY ? where : [...where.slice(0, MAX_WAY - 1), '...', ...where.slice(-1)];
  return way.join(', ');
}

function isEmpty(where: Whose['where']): boolean {
  return where === undefined || where.length === 0;
}

export class Report {
  readonly #told = new Map<string, Told>();
  readonly #secret = new Set<string>();

  add(found: Iterable<Diagnostic>, whose: Whose = {}): void {
    for (const diagnostic of found) {
      const { file, line, col } = diagnostic.span;
      const key = `${file}:${line}:${col} ${diagnostic.code} ${diagnostic.message}`;
      const before = this.#told.get(key);
      if (before === undefined ? this.#told.size < MAX_FINDINGS : isEmpty(whose.where))
        this.#told.set(key, { diagnostic, where: whose.where, node: before?.node ?? whose.node });
    }
  }

  /** Nothing of what stands in this file may be shown; messages quote it. */
  conceal(file: string): void {
    this.#secret.add(file);
  }

  list(): Diagnostic[] {
    return [...this.#told.values()].map((told) => this.#shown(told));
  }

  /** The first error of each node that has one, by global id. */
  failed(): Map<string, Diagnostic> {
    const failed = new Map<string, Diagnostic>();
    for (const told of this.#told.values()) {
      const { node, diagnostic } = told;
      if (node !== undefined && diagnostic.severity === 'error' && !failed.has(node))
        failed.set(node, this.#shown(told));
    }
    return failed;
  }

  #shown({ diagnostic, where }: Told): Diagnostic {
    const { severity, code, span } = diagnostic;
    const open = this.#secret.has(span.file)
      ? { severity, code, span, message: `a mistake of the kind "${code}"; the text of this module is a secret` }
      : diagnostic;
    return isEmpty(where) ? open : { ...open, message: `${open.message} (${placeText(where)})` };
  }
}
