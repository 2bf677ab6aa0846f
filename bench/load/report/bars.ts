/** Bars of CPU seconds per million spans: one group per scenario, one bar per system, whiskers from lowest to highest round. */
import type { Spread } from './statistics.ts';
import { colour, document, FAINT, GRID, INK, line, rect, short, text, ticks } from './svg.ts';

export interface BarGroup {
  readonly name: string;
  readonly bars: readonly { readonly system: string; readonly value: Spread }[];
}

const WIDTH = 880;
const RIGHT = 90;
const TOP = 76;
const BAR = 18;
const GAP = 16;
const MIN_LEFT = 90;
const MAX_LEFT = 220;
/** Scenarios that differ by more than this have no scale in common. */
const MOST_APART = 12;

/** `subtitle`: the machine. */
export function drawBars(groups: readonly BarGroup[], subtitle: string): string {
  const systems = [...new Set(groups.flatMap(({ bars }) => bars.map(({ system }) => system)))];
  const left = Math.min(MAX_LEFT, Math.max(MIN_LEFT, ...groups.map(({ name }) => 24 + name.length * 7.2)));
  const heights = groups.map(({ bars }) => bars.length * BAR + GAP);
  const bottom = TOP + heights.reduce((sum, height) => sum + height, 0);
  const highs = groups.map(({ bars }) => Math.max(0, ...bars.map(({ value }) => value.high)));
  const shared = Math.max(...highs) <= MOST_APART * Math.min(...highs.filter((high) => high > 0));
  const scale = shared ? ticks(Math.max(...highs), 6) : [];
  const xOf =
    (most: number) =>
    (value: number): number =>
      left + (value / most) * (WIDTH - left - RIGHT);
  const ticksX = xOf(scale.at(-1) ?? 1);
  const parts = [
    text(20, 28, 'CPU seconds per million spans', { size: 17, bold: true }),
    text(20, 47, shared ? subtitle : `${subtitle}; each scenario on a scale of its own`, { size: 11, fill: FAINT }),
    ...legend(systems),
    ...scale.flatMap((value) => [
      line(ticksX(value), TOP - 4, ticksX(value), bottom, GRID),
      text(ticksX(value), bottom + 16, short(value), { size: 11, anchor: 'middle', fill: FAINT }),
    ]),
  ];
  let y = TOP + GAP / 2;
  for (const [g, { name, bars }] of groups.entries()) {
    const x = shared ? ticksX : xOf(highs[g] ?? 1);
    parts.push(text(left - 10, y + (bars.length * BAR) / 2 + 4, name, { anchor: 'end' }));
    for (const { system, value } of bars) {
      const middle = y + BAR / 2;
      parts.push(rect(left, y + 2, x(value.median) - left, BAR - 4, colour(systems.indexOf(system)), ' rx="2"'));
      if (value.high > value.low)
        parts.push(line(x(value.low), middle, x(value.high), middle, INK, ' stroke-opacity="0.7" stroke-width="1.2"'));
      parts.push(text(x(value.high) + 7, middle + 4, value.median.toFixed(2), { size: 12, bold: true }));
      y += BAR;
    }
    y += GAP;
    if (g < groups.length - 1)
      parts.push(line(left, y - GAP / 2, WIDTH - RIGHT, y - GAP / 2, GRID, ' stroke-dasharray="2 3"'));
  }
  return document(WIDTH, bottom + 32, parts);
}

/** From the right edge to the left. */
function legend(systems: readonly string[]): string[] {
  let x = WIDTH - 20;
  return [...systems.entries()].toReversed().flatMap(([i, name]) => {
    x -= name.length * 7 + 22;
    const at = x;
    x -= 14;
    return [rect(at, 18, 11, 11, colour(i), ' rx="2"'), text(at + 16, 28, name)];
  });
}
