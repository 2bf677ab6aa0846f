/**
 * The mistakes found in one file by scanner and parser.
 */
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import { Findings } from '#config/diag/findings.ts';
import type { Source } from './source.ts';

export class SyntaxErrors {
  readonly #source: Source;
  readonly #findings = new Findings();

  constructor(source: Source) {
    this.#source = source;
  }

  add(start: number, end: number, message: string, help?: string): void {
    if (!this.#findings.full) this.#findings.error('syntax', message, this.#source.span(start, end), help);
  }

  /** In the order of the text. */
  list(): readonly Diagnostic[] {
    return this.#findings.list.toSorted((a, b) => a.span.line - b.span.line || a.span.col - b.span.col);
  }
}
