/**
 * The series of a store as `/metrics/derived` shows them, with the names and labels that Alloy's otelcol.exporter.prometheus gives
 * (semantics 16). Values are those merged by now: a counter shows at once what it has counted.
 *
 * Resources that differ in other attributes only (pods of a service without service.instance.id, a process that was started again)
 * would give the same series several times, of which a scraper takes the first. So the one that came first has just job and
 * instance; the others have the label `otel_resource` too, with a hash of what they are known by.
 *
 * Delta series are not shown, as there: a scraper wants totals. Exponential histograms are shown with bounds that are powers of two,
 * the same for all series of a metric ({@link LADDERS}): text has no native histograms, and bounds that differ between series and
 * move with their scale could not be added up. The counts are exact wherever a power of two is a bound of the histogram, which it
 * is at every scale from 0 on; below, a bucket counts from its upper bound on.
 */
import { createHash } from 'node:crypto';
import type { DerivedFamily, DerivedMetrics } from '#components/kit/component.ts';
import { metricName } from '#codec/prometheus/names.ts';
import { LabelText } from './label-text.ts';
import { BUCKETS, FIRST, HISTOGRAM_HEAD, SCALE, SUM, ZEROS } from './parcel.ts';
import type { Instrument } from './plan.ts';
import type { Resource } from './resource.ts';
import { RowCursor } from './row-list.ts';
import { rowExemplars, type RowExemplar } from './row-exemplars.ts';
import type { SeriesStore } from './store.ts';
import type { StoredInstrument } from './stored-layout.ts';
import type { StoredRows } from './stored-rows.ts';

/** Smallest and largest exponent of two among the bounds, by unit: about a millisecond to a minute; anything. */
const LADDERS: Readonly<Record<string, readonly [number, number]>> = { ms: [0, 16], s: [-10, 6] };
const LONG_LADDER = [-10, 20] as const;

/** `store`: the present one. */
export function derivedMetrics(store: () => SeriesStore): DerivedMetrics {
  return { families: () => familiesOf(store()) };
}

function familiesOf(store: SeriesStore): DerivedFamily[] {
  if (store.plan.temporality === 'delta') return [];
  return store.groups
    .flatMap((rows, group) => rows.layout.instruments.map((layout) => familyOf(store, rows, group, layout)))
    .filter(({ name }) => name !== '');
}

function familyOf(store: SeriesStore, rows: StoredRows, group: number, layout: StoredInstrument): DerivedFamily {
  const { name, unit, description, kind } = layout.instrument;
  const isCounter = kind === 'sum';
  const isHistogram = kind === 'histogram' || kind === 'exponential';
  const whole = metricName(name, unit, isCounter ? 'counter' : isHistogram ? 'histogram' : 'gauge', true);
  const family = isCounter ? whole.replace(/_total$/, '') : whole;
  const word = metricName('x', unit, 'updown', true).slice(2);
  return {
    name: family,
    type: isCounter ? 'counter' : isHistogram ? 'histogram' : 'gauge',
    help: description,
    unit: word !== '' && family.endsWith(`_${word}`) ? word : '',
    series: (exemplars) => seriesOf(store, rows, group, layout, isCounter ? `${family}_total` : family, exemplars),
  };
}

/** An empty string for each row that the instrument has not counted in: whoever reads may pause there too. */
function* seriesOf(
  store: SeriesStore,
  rows: StoredRows,
  group: number,
  layout: StoredInstrument,
  name: string,
  exemplars: boolean,
): Generator<string> {
  const { serial } = store;
  const text = new LabelText();
  const lines = linesOf(name, layout.instrument);
  for (const resource of store.resources()) {
    if (resource.serial > serial) return;
    const common = commonLabels(store, resource, text);
    const cursor = new RowCursor(resource.lists[group], serial);
    for (let row = cursor.next(); row >= 0; row = cursor.next()) {
      if ((rows.counted(row) & layout.bit) === 0) {
        yield '';
        continue;
      }
      const labels = labelsOf(rows, row, common, text);
      yield lines(rows, row, layout, labels, exemplars ? rowExemplars(rows, row, layout) : []);
    }
  }
}

function commonLabels(store: SeriesStore, resource: Resource, text: LabelText): readonly string[] {
  if (resource.labels !== null) return resource.labels;
  const target = text.resource(resource.attributes);
  const name = JSON.stringify(target);
  const labels = [...target, 'otel_scope_name', store.plan.scopeName];
  if (store.targets.has(name))
    labels.push('otel_resource', createHash('sha256').update(resource.key, 'latin1').digest('hex').slice(0, 16));
  else {
    store.targets.set(name, resource);
    resource.target = name;
  }
  return (resource.labels = labels);
}

function labelsOf(rows: StoredRows, row: number, common: readonly string[], text: LabelText): string {
  const { arena } = rows;
  const block = rows.keyBlock(row);
  const start = arena.start(block);
  const from = start * 8 + 8 + arena.words(block)[start * 2];
  return text.of(common, arena.bytes(block), from, from + arena.words(block)[start * 2 + 1]);
}

type Lines = (
  rows: StoredRows,
  row: number,
  layout: StoredInstrument,
  labels: string,
  exemplars: readonly RowExemplar[],
) => string;

function linesOf(name: string, { kind, bounds = [], unit }: Instrument): Lines {
  if (kind === 'histogram') {
    return (rows, row, layout, labels, exemplars) =>
      histogram(name, labels, bounds, histogramCounts(rows, row, layout), sumOf(rows, row, layout), exemplars);
  }
  if (kind === 'exponential') {
    const [low, high] = LADDERS[unit] ?? LONG_LADDER;
    const exponents = Array.from({ length: high - low + 1 }, (_, i) => low + i);
    const powers = exponents.map((exponent) => 2 ** exponent);
    return (rows, row, layout, labels, exemplars) =>
      histogram(
        name,
        labels,
        powers,
        exponentialCounts(rows, row, layout, exponents),
        sumOf(rows, row, layout),
        exemplars,
      );
  }
  return (rows, row, layout, labels, exemplars) => {
    const value = rows.numbers(row)[rows.number(row) + layout.at];
    const exemplar = kind === 'sum' ? exemplars.at(-1) : undefined;
    return `${name}${inBraces(labels)} ${value}${exemplarText(exemplar)}\n`;
  };
}

const sumOf = (rows: StoredRows, row: number, { at }: StoredInstrument): number =>
  rows.numbers(row)[rows.number(row) + at + SUM];
const inBraces = (labels: string): string => (labels === '' ? '' : `{${labels}}`);
const exemplarText = (exemplar: RowExemplar | undefined): string =>
  exemplar === undefined
    ? ''
    : ` # {trace_id="${exemplar.traceId}",span_id="${exemplar.spanId}"} ${exemplar.value} ${exemplar.seconds}`;

/** `counts`: cumulative, by bound, then all. */
function histogram(
  name: string,
  labels: string,
  bounds: readonly number[],
  counts: readonly number[],
  sum: number,
  exemplars: readonly RowExemplar[],
): string {
  const before = `${name}_bucket{${labels}${labels === '' ? '' : ','}le="`;
  const all = counts[bounds.length];
  let out = '';
  for (let i = 0; i <= bounds.length; i++) {
    const low = i === 0 ? -Infinity : bounds[i - 1];
    const high = i === bounds.length ? Infinity : bounds[i];
    const exemplar =
      exemplars.length === 0 ? undefined : exemplars.findLast(({ value }) => value > low && value <= high);
    out += `${before}${high === Infinity ? '+Inf' : high}"} ${counts[i]}${exemplarText(exemplar)}\n`;
  }
  return `${out}${name}_sum${inBraces(labels)} ${sum}\n${name}_count${inBraces(labels)} ${all}\n`;
}

function histogramCounts(rows: StoredRows, row: number, layout: StoredInstrument): number[] {
  const numbers = rows.numbers(row);
  const at = rows.number(row) + layout.at;
  const counts: number[] = [];
  let count = 0;
  for (let i = HISTOGRAM_HEAD; i < layout.width; i++) counts.push((count += numbers[at + i]));
  return counts;
}

/** How many values are at most 2^exponent, for each of them; then all. */
function exponentialCounts(
  rows: StoredRows,
  row: number,
  layout: StoredInstrument,
  exponents: readonly number[],
): number[] {
  const head = rows.numbers(row);
  const at = rows.number(row) + layout.at;
  const scale = head[at + SCALE];
  const first = head[at + FIRST];
  const buckets = head[at + BUCKETS];
  let count = head[at + ZEROS];
  let bucket = 0;
  const counts: number[] = [];
  const block = buckets === 0 ? 0 : rows.block(row, layout.buckets);
  const from = block === 0 ? 0 : rows.arena.start(block);
  const stored = block === 0 ? head : rows.arena.numbers(block);
  for (const exponent of exponents) {
    // Bucket i ends at 2^((i + 1) / 2^scale).
    const end = Math.floor(exponent * 2 ** scale) - first;
    for (; bucket < buckets && bucket < end; bucket++) count += stored[from + bucket];
    counts.push(count);
  }
  for (; bucket < buckets; bucket++) count += stored[from + bucket];
  counts.push(count);
  return counts;
}
