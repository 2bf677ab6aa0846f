/**
 * Diagnostics: mistakes in a configuration, as values with positions. They are collected, never thrown, so that one run
 * tells the user everything that is wrong.
 */

/**
 * A stretch of source text. Lines and columns count from 1; columns count UTF-16 code units; a tab is one column. The end is
 * exclusive: it is the position just after the last character. An empty span (start = end) is a point.
 */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly endLine: number;
  readonly endCol: number;
}

export type Severity = 'error' | 'warn';

export interface Diagnostic {
  readonly severity: Severity;
  /** Stable, for programs and tests: `syntax`, `unknown_name`, `missing`, `duplicate`, `type`, `invalid`, ... */
  readonly code: string;
  /** What is wrong, in one line. */
  readonly message: string;
  readonly span: Span;
  /** What to do about it, in one line. */
  readonly help?: string;
}

export function diagnostic(severity: Severity, code: string, message: string, span: Span, help?: string): Diagnostic {
  return help === undefined ? { severity, code, message, span } : { severity, code, message, span, help };
}

/** `file:line:col`, where an editor or terminal can jump to. */
export function at(span: Span): string {
  return `${span.file}:${span.line}:${span.col}`;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
