/** References that lead nowhere are told as a whole; the evaluator stumbles over the same names again. */
import type { Diagnostic, Span } from '#config/diag/diagnostic.ts';

/** What was found elsewhere than in the references `unresolved`. */
export function besides(found: readonly Diagnostic[], unresolved: readonly Span[]): readonly Diagnostic[] {
  return unresolved.length === 0 ? found : found.filter((d) => !unresolved.some((span) => contains(span, d.span)));
}

function contains(outer: Span, inner: Span): boolean {
  const afterStart = inner.line > outer.line || (inner.line === outer.line && inner.col >= outer.col);
  const beforeEnd = inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endCol <= outer.endCol);
  return inner.file === outer.file && afterStart && beforeEnd;
}
