/**
 * Parses a file. All mistakes of the file come back at once; with mistakes the tree is incomplete and only good for showing.
 */
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import type { Expr, File } from './ast.ts';
import { SyntaxErrors } from './errors.ts';
import { Parser } from './parser.ts';
import { decodeUtf8, Source } from './source.ts';

export interface Parsed {
  readonly file: File;
  readonly diagnostics: readonly Diagnostic[];
}

/** `name` is how diagnostics call the file. Never throws. */
export function parse(name: string, text: string | Uint8Array): Parsed {
  const { source, diagnostics } =
    typeof text === 'string' ? { source: new Source(name, text), diagnostics: [] } : decodeUtf8(name, text);
  const errors = new SyntaxErrors(source, diagnostics);
  const parser = new Parser(source, errors);
  const body = parser.file();
  return { file: { source, body, comments: parser.comments }, diagnostics: errors.list() };
}

export interface ParsedExpression {
  readonly source: Source;
  readonly expr: Expr;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses text that is one expression. */
export function parseExpression(name: string, text: string): ParsedExpression {
  const source = new Source(name, text);
  const errors = new SyntaxErrors(source);
  const expr = new Parser(source, errors).onlyExpression();
  return { source, expr, diagnostics: errors.list() };
}
