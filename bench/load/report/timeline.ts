/** A round second by second: spans per second above, latency and resident memory below, phases as bands. */
import type { Sample } from '../run/samples.ts';
import { area, COLOURS, document, FAINT, GRID, line, polyline, rect, short, text, ticks } from './svg.ts';

const WIDTH = 880;
const LEFT = 70;
const RIGHT = 24;
const TOP = 104;
/** Where the bands of the phases begin, with their names. */
const BANDS = 60;
const PANEL_GAP = 46;
/** Points in a line: more than this are averaged. */
const MOST_POINTS = 400;

const [BLUE, , GREEN, , , RED] = COLOURS;

interface Series {
  readonly name: string;
  readonly colour: string;
  readonly of: (sample: Sample) => number;
  readonly filled?: boolean;
}
interface Panel {
  readonly title: string;
  readonly height: number;
  readonly series: readonly Series[];
  /** A dashed line that must not be crossed. */
  readonly bound?: { readonly value: number; readonly name: string };
}

const MIB = 2 ** 20;

/** `boundBytes`: what the memory is allowed to be; null if nothing is said about it. */
export function drawTimeline(
  samples: readonly Sample[],
  title: string,
  subtitle: string,
  boundBytes: number | null,
): string {
  const points = thinned(samples);
  const endS = points.at(-1)?.atS ?? 1;
  const x = (atS: number): number => LEFT + (atS / endS) * (WIDTH - LEFT - RIGHT);
  const panels: Panel[] = [
    {
      title: 'spans per second',
      height: 190,
      series: [
        { name: 'offered', colour: FAINT, of: (s) => s.sentPerS },
        { name: 'refused', colour: RED, of: (s) => s.refusedPerS },
        { name: 'reached the sink', colour: GREEN, of: (s) => s.goodputPerS, filled: true },
      ],
    },
    { title: 'p99 of accepted requests, ms', height: 90, series: [{ name: 'p99', colour: BLUE, of: (s) => s.p99Ms }] },
    {
      title: 'resident memory, MiB',
      height: 90,
      series: [{ name: 'RSS', colour: BLUE, of: (s) => (s.rssBytes ?? 0) / MIB, filled: true }],
      ...(boundBytes === null ? {} : { bound: { value: boundBytes / MIB, name: 'bound' } }),
    },
  ];
  const height = TOP + panels.reduce((sum, panel) => sum + panel.height + PANEL_GAP, 0) - PANEL_GAP + 44;
  const parts = [text(20, 28, title, { size: 17, bold: true }), text(20, 47, subtitle, { size: 11, fill: FAINT })];
  parts.push(...phaseBands(points, x, height - 44));
  let top = TOP;
  for (const panel of panels) {
    parts.push(...drawPanel(panel, points, x, top));
    top += panel.height + PANEL_GAP;
  }
  const axisY = height - 44;
  for (const atS of ticks(endS, 10).filter((s) => s <= endS * 1.001))
    parts.push(
      line(x(atS), axisY, x(atS), axisY + 4, FAINT),
      text(x(atS), axisY + 18, short(atS), { size: 11, anchor: 'middle', fill: FAINT }),
    );
  parts.push(text(WIDTH - RIGHT, axisY + 34, 'seconds', { size: 11, anchor: 'end', fill: FAINT }));
  return document(WIDTH, height, parts);
}

function drawPanel(panel: Panel, points: readonly Sample[], x: (atS: number) => number, top: number): string[] {
  const highest = Math.max(panel.bound?.value ?? 0, ...panel.series.flatMap(({ of }) => points.map(of)));
  const scale = ticks(highest, panel.height > 120 ? 5 : 3);
  const most = scale.at(-1) ?? 1;
  const base = top + panel.height;
  const y = (value: number): number => base - (value / most) * panel.height;
  const parts = [
    text(LEFT, top - 9, panel.title, { size: 12, bold: true }),
    ...scale.flatMap((value) => [
      line(LEFT, y(value), WIDTH - RIGHT, y(value), GRID),
      text(LEFT - 8, y(value) + 4, short(value), { size: 11, anchor: 'end', fill: FAINT }),
    ]),
  ];
  for (const { colour, of, filled } of panel.series) {
    const places = points.map((sample) => [x(sample.atS), y(of(sample))] as const);
    if (filled === true) parts.push(area(places, base, colour));
    parts.push(polyline(places, colour));
  }
  const names = [
    ...(panel.series.length > 1 ? panel.series.map(({ name, colour }) => ({ name, colour, dashed: false })) : []),
    ...(panel.bound === undefined ? [] : [{ name: panel.bound.name, colour: RED, dashed: true }]),
  ];
  if (panel.bound !== undefined)
    parts.push(
      line(
        LEFT,
        y(panel.bound.value),
        WIDTH - RIGHT,
        y(panel.bound.value),
        RED,
        ' stroke-dasharray="6 4" stroke-width="1.4"',
      ),
    );
  let right = WIDTH - RIGHT;
  for (const { name, colour, dashed } of names.toReversed()) {
    right -= name.length * 6.6 + 24;
    parts.push(
      line(
        right,
        top - 13,
        right + 16,
        top - 13,
        colour,
        ` stroke-width="3"${dashed ? ' stroke-dasharray="5 3"' : ''}`,
      ),
      text(right + 21, top - 9, name, { size: 11 }),
    );
    right -= 12;
  }
  return parts;
}

/** Every second phase is shaded; each has its name above. */
function phaseBands(points: readonly Sample[], x: (atS: number) => number, bottom: number): string[] {
  const parts: string[] = [];
  let startS = 0;
  let shaded = false;
  points.forEach((sample, i) => {
    const next = points[i + 1];
    if (next?.phase === sample.phase) return;
    const [from, to] = [x(startS), x(sample.atS)];
    if (shaded) parts.push(rect(from, BANDS, to - from, bottom - BANDS, '#f5f7fa'));
    if (i > 0 || next !== undefined)
      parts.push(text((from + to) / 2, BANDS + 13, sample.phase, { size: 11, anchor: 'middle', fill: FAINT }));
    shaded = !shaded;
    startS = sample.atS;
  });
  return parts;
}

/** At most so many samples, each the mean of its neighbours of the same phase. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  const together = Math.ceil(samples.length / MOST_POINTS);
  if (together <= 1) return samples;
  const out: Sample[] = [];
  for (let at = 0; at < samples.length;) {
    let end = at + 1;
    while (end < samples.length && end - at < together && samples[end]?.phase === samples[at]?.phase) end++;
    const group = samples.slice(at, end);
    const last = group[group.length - 1];
    if (last !== undefined) {
      const mean = (of: (s: Sample) => number): number => group.reduce((sum, s) => sum + of(s), 0) / group.length;
      out.push({
        ...last,
        sentPerS: mean((s) => s.sentPerS),
        refusedPerS: mean((s) => s.refusedPerS),
        goodputPerS: mean((s) => s.goodputPerS),
        p99Ms: Math.max(...group.map((s) => s.p99Ms)),
        rssBytes: Math.max(...group.map((s) => s.rssBytes ?? 0)),
      });
    }
    at = end;
  }
  return out;
}
