/**
 * The mistakes found in one file by scanner and parser.
 */
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import { Findings } from '#config/diag/findings.ts';
import type { Source } from './source.ts';

export class SyntaxErrors {
  readonly #source: Source;
  readonly #findings = new Findings();
  /** Lines on which an illegal character has been told. */
  readonly #garbled = new Set<number>();

  /** `undecodable`: what the decoder of the bytes has found. */
  constructor(source: Source, undecodable: readonly Diagnostic[] = []) {
    this.#source = source;
    for (const found of undecodable) {
      this.#garbled.add(found.span.line);
      this.#findings.add(found);
    }
  }

  add(start: number, end: number, message: string, help?: string): void {
    if (!this.#findings.full && !this.#garbled.has(this.#source.line(start)))
      this.#findings.error('syntax', message, this.#source.span(start, end), help);
  }

  /** A character that may not stand there. What is wrong with the rest of its line is an echo, and left out. */
  illegal(start: number, end: number, message: string, help?: string): void {
    this.add(start, end, message, help);
    this.#garbled.add(this.#source.line(start));
  }

  /** Something without an end has taken the rest of the file. That its blocks are open is an echo, and left out. */
  endless(start: number, end: number, message: string, help: string): void {
    this.add(start, end, message, help);
    this.#garbled.add(this.#source.line(this.#source.text.length));
  }

  /** In the order of the text. */
  list(): readonly Diagnostic[] {
    return this.#findings.list.toSorted((a, b) => a.span.line - b.span.line || a.span.col - b.span.col);
  }
}
