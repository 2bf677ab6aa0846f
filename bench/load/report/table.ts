/** Tables as lines of text. */

/** First column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** The first row is the head. Numbers to the right. */
export function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const head = cells[0] ?? [];
  return [line(head), line(head.map((_, c) => (c === 0 ? '---' : '---:'))), ...cells.slice(1).map(line)];
}
