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
