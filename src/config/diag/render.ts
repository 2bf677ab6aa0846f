/**
 * Diagnostics as text for a terminal or a log:
 *
 *     gateway.alloy:3:12: error: missing ',' in field list
 *      3 |   field_c = 2
 *        |              ^
 *     help: a list over several lines needs a comma after its last element, too
 */
import { at, type Diagnostic, type Span } from './diagnostic.ts';

const TAB = '    ';
/** Of a longer line only the part around the caret is shown. */
const MAX_WIDTH = 160;
const MAX_BEFORE = 60;
/** A message may quote a name as long as a file. */
const MAX_MESSAGE = 1000;
/** Nobody reads further, and a file of garbage must not fill the terminal. */
const MAX_SHOWN = 50;

/**
 * `sources` has the text of each file by its name in the spans; without it the source line is left out. Ends with a newline.
 * Of very many the first errors are shown, then warnings, and how many more there are.
 */
export function render(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>): string {
  const lines = new Map<string, readonly string[]>();
  for (const [name, text] of sources) lines.set(name, text.split('\n'));
  const shown = gravest(diagnostics).map((d) => renderOne(d, lines.get(d.span.file)?.[d.span.line - 1]));
  if (shown.length < diagnostics.length) shown.push(`and ${diagnostics.length - shown.length} more\n`);
  return shown.join('\n');
}

function gravest(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= MAX_SHOWN) return diagnostics;
  const { error = [], warn = [] } = Object.groupBy(diagnostics, (d) => d.severity);
  const kept = new Set([...error, ...warn].slice(0, MAX_SHOWN));
  return diagnostics.filter((d) => kept.has(d));
}

function renderOne(diagnostic: Diagnostic, sourceLine: string | undefined): string {
  const { span, severity, message, help } = diagnostic;
  const excerpt = sourceLine === undefined ? '' : pointOut(sourceLine.replace(/\r$/, ''), span);
  return `${at(span)}: ${severity === 'warn' ? 'warning' : 'error'}: ${oneLine(message)}\n${excerpt}${help === undefined ? '' : `help: ${oneLine(help)}\n`}`;
}

function pointOut(line: string, span: Span): string {
  const start = Math.min(span.col - 1, line.length);
  const end = span.endLine > span.line ? line.trimEnd().length : Math.min(span.endCol - 1, line.length);
  const from = start > MAX_WIDTH - MAX_BEFORE ? start - MAX_BEFORE : 0;
  const to = Math.min(line.length, from + MAX_WIDTH);
  const before = (from > 0 ? '...' : '') + visible(line.slice(from, start));
  const marked = visible(line.slice(start, Math.min(end, to)));
  const shown = before + visible(line.slice(start, to)) + (to < line.length ? '...' : '');
  const number = String(span.line);
  const blank = ' '.repeat(width(before));
  return ` ${number} | ${shown}\n ${' '.repeat(number.length)} | ${blank}${'^'.repeat(Math.max(1, width(marked)))}\n`;
}

/** Tabs become spaces, control characters a mark: what a configuration holds must not steer a terminal. */
function visible(text: string): string {
  return text.replaceAll('\t', TAB).replaceAll(/\p{Cc}/gu, '\ufffd');
}

function oneLine(text: string): string {
  const start = text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}...` : text;
  return visible(start.replaceAll(/\s*\n\s*/g, ' '));
}

/** Code points, which is close enough to columns of a terminal. */
function width(text: string): number {
  return [...text].length;
}
