/**
 * Collects diagnostics up to a bound: a file of garbage would otherwise make as many as it has characters.
 */
import { diagnostic, type Diagnostic, type Span } from './diagnostic.ts';

/** More than anybody reads. */
export const MAX_FINDINGS = 500;

export class Findings {
  readonly list: Diagnostic[] = [];

  /** What further errors would need is not worth working out. */
  get full(): boolean {
    return this.list.length >= MAX_FINDINGS;
  }

  error(code: string, message: string, span: Span, help?: string): void {
    this.add(diagnostic('error', code, message, span, help));
  }

  warn(code: string, message: string, span: Span): void {
    this.add(diagnostic('warn', code, message, span));
  }

  add(found: Diagnostic): void {
    if (!this.full) this.list.push(found);
  }
}
