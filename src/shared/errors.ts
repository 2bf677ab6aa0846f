/**
 * The one error class of millrace's run time. `code` is stable and meant for programs and documentation; `message` says
 * what happened, where, and what to do. Configuration mistakes are diagnostics (`#config/diag`), data-path results are
 * outcomes (`outcome.ts`), bugs are plain exceptions.
 */
export class MillraceError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'MillraceError';
    this.code = code;
  }
}

/** The text of anything that was thrown. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
