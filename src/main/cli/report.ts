/** How commands and reloads tell what is wrong with a configuration. */
import { at, type Diagnostic } from '#config/diag/diagnostic.ts';
import { render } from '#config/diag/render.ts';
import type { Reloaded } from '../graph/controller.ts';
import type { LoadResult } from '../graph/load.ts';

/** With source lines, for people. Empty when there is nothing to tell. */
export function diagnosticsText({ diagnostics, texts }: Pick<LoadResult, 'diagnostics' | 'texts'>): string {
  return diagnostics.length === 0 ? '' : `${render(diagnostics, texts)}\n`;
}

/** For flags that were set and have no effect; empty when there are none. */
export function inertText(inert: readonly string[]): string {
  if (inert.length === 0) return '';
  return `Warning: flags without effect in this version were set: ${inert.map((name) => `--${name}`).join(' ')}\n`;
}

/** Why a reload was not applied; null when it was. `whole` has every diagnostic, `line` fits into a log line. */
export function reloadProblem({
  applied,
  loaded,
  error,
}: Reloaded): { readonly whole: string; readonly line: string } | null {
  if (applied) return null;
  if (error !== null) return { whole: error, line: error };
  const errors = (loaded?.diagnostics ?? []).filter((d) => d.severity === 'error');
  return { whole: render(errors, loaded?.texts ?? new Map<string, string>()), line: summary(errors) };
}

function summary([first, ...others]: readonly Diagnostic[]): string {
  if (first === undefined) return '';
  return `${at(first.span)}: ${first.message}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
}

/** A mistake as programs get it. What concerns a file as a whole has no lines. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly help: string | null;
  readonly file: string;
  /** From 1; columns count UTF-16 code units, the end is exclusive. */
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
}

export function problemOf({ severity, code, message, help, span }: Diagnostic): Problem {
  return {
    severity: severity === 'warn' ? 'warning' : 'error',
    code,
    message,
    help: help ?? null,
    file: span.file,
    line: span.line,
    column: span.col,
    endLine: span.endLine,
    endColumn: span.endCol,
  };
}

export function problemOfFile(severity: Problem['severity'], code: string, message: string, file: string): Problem {
  return { severity, code, message, help: null, file, line: null, column: null, endLine: null, endColumn: null };
}

/** One object: `{"valid": false, "diagnostics": [PROBLEM, ...]}`. */
export function jsonText(problems: readonly Problem[]): string {
  const valid = problems.every(({ severity }) => severity !== 'error');
  return `${JSON.stringify({ valid, diagnostics: problems }, null, 2)}\n`;
}

/** GitHub's workflow commands: annotations at the lines of a pull request. */
export function githubText(problems: readonly Problem[]): string {
  return problems
    .map(({ severity, code, message, help, file, line, column, endLine, endColumn }) => {
      const place = line === null ? '' : `,line=${line},endLine=${endLine},col=${column},endColumn=${endColumn}`;
      const text = help === null ? message : `${message}\n${help}`;
      return `::${severity} file=${property(file)}${place},title=${property(code)}::${data(text)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
