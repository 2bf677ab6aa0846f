/** A report as a Markdown file with its charts beside it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { memoryBound } from '../run/memory-bound.ts';
import { drawBars } from './bars.ts';
import { machineLine } from './machine.ts';
import type { Report, Result } from './report.ts';
import { markdownTable } from './table.ts';
import { conditions, phaseRows, remarks, resultRows, scenarioLine } from './text.ts';
import { drawTimeline } from './timeline.ts';

/** Name within the report's folder, and content. */
export interface ReportFile {
  readonly name: string;
  readonly content: string;
}

/** `name`: of the Markdown file, without its ending; the charts are called after it. */
export function renderFiles(report: Report, name: string): ReportFile[] {
  const charts: ReportFile[] = [];
  const chart = (end: string, alt: string, content: string): string => {
    charts.push({ name: `${name}-${end}.svg`, content });
    return `![${alt}](${name}-${end}.svg)`;
  };
  const lines = [
    `# Load benchmark, ${report.machine.date}`,
    '',
    `- Machine: ${machineLine(report.machine)}`,
    `- Command: \`npm run bench:load${report.arguments.length === 0 ? '' : ' --'}${report.arguments.map((word) => ` ${quoted(word)}`).join('')}\``,
    `- ${conditions(report)}`,
    '- CPU-s/Mspan: CPU seconds per million spans; of the generator per million spans sent, else per million that reached the sink',
    '',
  ];
  const windows = report.results.filter(({ scenario }) => scenario.plan === 'windows');
  const groups = windows.map(({ scenario, systems }) => ({
    name: scenario.name,
    bars: systems.flatMap(({ system, cpuSecondsPerMillionSpans: value }) =>
      value === null ? [] : [{ system, value }],
    ),
  }));
  if (groups.some(({ bars }) => bars.length > 0))
    lines.push(chart('cpu', 'CPU seconds per million spans', drawBars(groups, machineLine(report.machine))), '');
  for (const result of report.results) lines.push(...resultLines(result, report, chart));
  return [{ name: `${name}.md`, content: `${lines.join('\n').trimEnd()}\n` }, ...charts];
}

function resultLines(
  result: Result,
  report: Report,
  chart: (end: string, alt: string, content: string) => string,
): string[] {
  const { scenario: s, systems, rounds, requestBytes } = result;
  const lines = [
    `## ${s.name}`,
    '',
    `${s.about}.`,
    '',
    `${scenarioLine(result)}.`,
    '',
    ...markdownTable(resultRows(result)),
    '',
    ...phaseTables(result),
  ];
  const notes = remarks(result);
  if (notes.length > 0) lines.push(...notes.map((text) => `- ${text}`), '');
  if (s.plan === 'windows') return lines;
  for (const { system } of systems) {
    const samples = rounds[system]?.[0]?.samples ?? [];
    const bound = s.plan === 'soak' ? null : memoryBound(s.queue, requestBytes / s.spans);
    const title = `${s.name}: ${system}`;
    lines.push(
      chart(`${s.name}-${fileName(system)}`, title, drawTimeline(samples, title, machineLine(report.machine), bound)),
      '',
    );
  }
  return lines;
}

/** Of a plan with several phases, the phases of each system's first round. */
function phaseTables(result: Result): string[] {
  const rows = phaseRows(result);
  return rows.length === 0 ? [] : [...markdownTable(rows), ''];
}

/** Writes all files; the first is the Markdown file's path itself. */
export function writeReport(report: Report, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const name = basename(path).replace(/\.md$/, '');
  for (const file of renderFiles(report, name)) writeFileSync(join(dirname(path), file.name), file.content);
}

const fileName = (text: string): string => text.replace(/[^\w.-]+/g, '-');
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);
