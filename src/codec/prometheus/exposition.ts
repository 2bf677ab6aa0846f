/**
 * A WriteRequest as text for people and parsers: the Prometheus exposition format 0.0.4, or OpenMetrics 1.0 with exemplars.
 *
 *     # HELP name ...    # TYPE name counter    name{label="value"} 5 1700000000123
 *
 * A native histogram, for which there are no words, shows its count and sum.
 */
import { METRIC_TYPE } from './fields.ts';
import { withoutSuffix, type Family, type FamilyTypes } from './family-types.ts';
import { sampleText } from './number-text.ts';
import type { Label, PromExemplar, Series, Value, WriteRequest } from './read.ts';

export type ExpositionFormat = 'text' | 'openmetrics';

/** A line without its time. */
interface Line {
  readonly name: string;
  readonly labels: readonly Label[];
  readonly value: Value;
  readonly ms: number;
  readonly exemplar: PromExemplar | undefined;
  /** Lines of one series set stay together: labels without `le` and `quantile`. */
  readonly group: string;
  readonly rank: number;
  readonly bound: number;
}
interface Block {
  readonly family: Family;
  type: number;
  readonly lines: Line[];
}

const TEXT_TYPES: Readonly<Record<number, string>> = {
  [METRIC_TYPE.counter]: 'counter',
  [METRIC_TYPE.gauge]: 'gauge',
  [METRIC_TYPE.histogram]: 'histogram',
  [METRIC_TYPE.summary]: 'summary',
};

/** `types` has learnt the request. Families are in the order of their names. */
export function expositionText({ series }: WriteRequest, types: FamilyTypes, format: ExpositionFormat): string {
  const blocks = new Map<string, Block>();
  for (const one of series) {
    if (one.name === '') continue;
    const family = types.of(one.name);
    let block = blocks.get(family.family);
    if (block === undefined) {
      block = { family, type: family.type, lines: [] };
      blocks.set(family.family, block);
    }
    if (one.histograms.length > 0) block.type = METRIC_TYPE.histogram;
    addLines(block, one);
  }
  const sorted = [...blocks.values()].sort((a, b) => (a.family.family < b.family.family ? -1 : 1));
  const text = sorted.map((block) => (format === 'text' ? textOf(block) : openMetricsOf(block))).join('');
  return format === 'text' ? text : `${text}# EOF\n`;
}

function addLines(block: Block, series: Series): void {
  const { name, labels } = series;
  const boundary = name.endsWith('_bucket') ? 'le' : 'quantile';
  const bound = labels.find((label) => label.name === boundary)?.value;
  const group = groupOf(labels.filter((label) => label.name !== boundary));
  const rank = name.endsWith('_sum') ? 1 : name.endsWith('_count') ? 2 : name.endsWith('_created') ? 3 : 0;
  const at = bound === undefined ? 0 : bound === '+Inf' ? Infinity : Number(bound);
  const newest = series.samples.length - 1;
  series.samples.forEach(({ value, ms }, i) =>
    block.lines.push({
      name,
      labels,
      value,
      ms,
      group,
      rank,
      bound: at,
      exemplar: i === newest ? series.exemplars.at(-1) : undefined,
    }),
  );
  for (const { count, sum, ms } of series.histograms) {
    const line = { labels, ms, group, bound: Infinity, exemplar: undefined };
    const stale = sum === null;
    const infinite = [...labels, { name: 'le', value: '+Inf' }];
    block.lines.push(
      { ...line, name: `${name}_bucket`, labels: infinite, value: stale ? null : count, rank: 0 },
      { ...line, name: `${name}_sum`, value: sum, rank: 1 },
      { ...line, name: `${name}_count`, value: stale ? null : count, rank: 2 },
    );
  }
}

function sortedLines({ lines }: Block): readonly Line[] {
  return lines.sort((a, b) => {
    if (a.group !== b.group) return a.group < b.group ? -1 : 1;
    return a.rank - b.rank || (a.bound === b.bound ? a.ms - b.ms : a.bound - b.bound);
  });
}

function textOf(block: Block): string {
  const { family, help } = block.family;
  const head = help === '' ? '' : `# HELP ${family} ${escapeHelp(help)}\n`;
  const lines = sortedLines(block).map(
    ({ name, labels, value, ms }) => `${name}${labelsText(labels)} ${valueText(value)}${ms === 0 ? '' : ` ${ms}`}\n`,
  );
  return `${head}# TYPE ${family} ${TEXT_TYPES[block.type] ?? 'untyped'}\n${lines.join('')}`;
}

function openMetricsOf(block: Block): string {
  const { family: name, help, unit } = block.family;
  const isCounter = block.type === METRIC_TYPE.counter && name.endsWith('_total');
  const type = isCounter ? 'counter' : block.type === METRIC_TYPE.counter ? 'unknown' : TEXT_TYPES[block.type];
  const family = isCounter ? withoutSuffix(name) : name;
  let text = `# TYPE ${family} ${type ?? 'unknown'}\n`;
  // A unit has to be the end of the name.
  if (unit !== '' && family.endsWith(`_${unit}`)) text += `# UNIT ${family} ${unit}\n`;
  if (help !== '') text += `# HELP ${family} ${escape(help)}\n`;
  for (const line of sortedLines(block)) {
    text += `${line.name}${labelsText(line.labels)} ${valueText(line.value)}${seconds(line.ms)}`;
    const { exemplar } = line;
    if (exemplar !== undefined && (isCounter || line.name.endsWith('_bucket')))
      text += ` # ${labelsText(exemplar.labels) || '{}'} ${sampleText(exemplar.value)}${seconds(exemplar.ms)}`;
    text += '\n';
  }
  return text;
}

const valueText = (value: Value): string => sampleText(value ?? NaN);

/** OpenMetrics counts seconds. */
const seconds = (ms: number): string => (ms === 0 ? '' : ` ${ms / 1000}`);

const groupOf = (labels: readonly Label[]): string => labels.map(({ name, value }) => `${name}\0${value}`).join('\0');

function labelsText(labels: readonly Label[]): string {
  if (labels.length === 0) return '';
  return `{${labels.map(({ name, value }) => `${name}="${escape(value)}"`).join(',')}}`;
}

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escape = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');
