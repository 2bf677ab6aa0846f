/**
 * The formatter: `alloy fmt`'s canonical text of a configuration.
 */
import { hasErrors, type Diagnostic } from '#config/diag/diagnostic.ts';
import type { File } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import { layOut } from './layout.ts';

export interface Formatted {
  /** With a newline at its end; null when the file has syntax errors. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Formats a file; `name` is how diagnostics call it. Formatting a formatted text changes nothing. The result is read as the
 * same tree with the same comments in the same order. Lines end with LF, a byte order mark is left out. Never throws.
 */
export function format(name: string, text: string | Uint8Array): Formatted {
  const { file, diagnostics } = parse(name, text);
  return { text: hasErrors(diagnostics) ? null : printFile(file), diagnostics };
}

/**
 * A parsed file as formatted text with a newline at its end.
 *
 * Which tokens are printed is the tree's matter alone. Positions decide about lines: whether an element or an argument goes to
 * a line of its own, whether attributes are set apart by an empty line, and where the comments of `file.comments` go. A
 * changed node therefore keeps the positions of what it replaces, and new nodes that all have one position stand on one line,
 * statements and blocks of their own lines excepted. For the canonical text of a tree that was changed, format the result.
 */
export function printFile(file: File): string {
  return `${layOut(file)}\n`;
}
