/** How commands and reloads tell what is wrong with a configuration. */
import { at, type Diagnostic } from '#config/diag/diagnostic.ts';
import { render } from '#config/diag/render.ts';
import type { Reloaded } from '../graph/controller.ts';
import type { LoadResult } from '../graph/load.ts';

/** With source lines, for people. Empty when there is nothing to tell. */
export function diagnosticsText({ diagnostics, texts }: Pick<LoadResult, 'diagnostics' | 'texts'>): string {
  return diagnostics.length === 0 ? '' : `${render(diagnostics, texts)}\n`;
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

/** One object: `{"valid": false, "diagnostics": [{severity, code, message, help, file, line, column, endLine, endColumn}]}`. */
export function jsonText({ graph, diagnostics }: Pick<LoadResult, 'graph' | 'diagnostics'>): string {
  const list = diagnostics.map(({ severity, code, message, help, span }) => ({
    severity,
    code,
    message,
    help: help ?? null,
    file: span.file,
    line: span.line,
    column: span.col,
    endLine: span.endLine,
    endColumn: span.endCol,
  }));
  return `${JSON.stringify({ valid: graph !== null, diagnostics: list }, null, 2)}\n`;
}

/** GitHub's workflow commands: annotations at the lines of a pull request. */
export function githubText({ diagnostics }: Pick<LoadResult, 'diagnostics'>): string {
  const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return diagnostics
    .map(({ severity, code, message, help, span }) => {
      const place = `file=${property(span.file)},line=${span.line},endLine=${span.endLine},col=${span.col},endColumn=${span.endCol},title=${property(code)}`;
      return `::${severity === 'warn' ? 'warning' : 'error'} ${place}::${data(help === undefined ? message : `${message}\n${help}`)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
