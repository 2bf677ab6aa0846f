/** The few things that both charts are drawn with: SVG 1.1 as text, fixed size, readable on light and dark pages. */

export const INK = '#1f2933';
export const FAINT = '#7b8794';
export const GRID = '#e4e7eb';
const FONT = "font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\"";

/** Colours that stay apart for colour-blind eyes, too (Okabe and Ito's set). */
export const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'] as const;
export const colour = (i: number): string => COLOURS[i % COLOURS.length] ?? INK;

export function document(width: number, height: number, parts: readonly string[]): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${FONT}>`,
    `<rect width="${width}" height="${height}" rx="6" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
  ].join('\n')}\n`;
}

export interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly fill?: string;
  readonly bold?: boolean;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, anchor = 'start', fill = INK, bold = false } = style;
  return `<text x="${n(x)}" y="${n(y)}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${bold ? ' font-weight="600"' : ''}>${escape(content)}</text>`;
}

export function rect(x: number, y: number, width: number, height: number, fill: string, more = ''): string {
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(Math.max(0, width))}" height="${n(height)}" fill="${fill}"${more}/>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, more = ''): string {
  return `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="${stroke}"${more}/>`;
}

export function polyline(points: readonly (readonly [x: number, y: number])[], stroke: string, more = ''): string {
  const list = points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');
  return `<polyline points="${list}" fill="none" stroke="${stroke}" stroke-width="1.8" stroke-linejoin="round"${more}/>`;
}

/** The area between the points and a base line. */
export function area(points: readonly (readonly [x: number, y: number])[], baseY: number, fill: string): string {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return '';
  const list = [[first[0], baseY] as const, ...points, [last[0], baseY] as const].map(([x, y]) => `${n(x)},${n(y)}`);
  return `<polygon points="${list.join(' ')}" fill="${fill}" fill-opacity="0.18"/>`;
}

/** Round numbers from 0 to at least `highest`, about `count` of them. */
export function ticks(highest: number, count: number): number[] {
  const top = highest > 0 ? highest : 1;
  const rough = top / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const out: number[] = [];
  for (let i = 0; out.length === 0 || (out.at(-1) ?? 0) < top * 0.9999; i++) out.push(i * step);
  return out;
}

/** 1,500,000 as 1.5M, 20,000 as 20k. */
export function short(value: number): string {
  const trimmed = (v: number): string => String(Number(v.toPrecision(3)));
  if (Math.abs(value) >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (Math.abs(value) >= 1e3) return `${trimmed(value / 1e3)}k`;
  return trimmed(value);
}

export const escape = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Coordinates to a tenth of a pixel. */
const n = (value: number): string => String(Math.round(value * 10) / 10);
