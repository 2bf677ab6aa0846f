/**
 * What hostile configurations cost: parse, format (twice), evaluate and render, in milliseconds at three sizes.
 *
 *     npm run node -- --conditions=source bench/micro/config-hostile.ts [--rounds 3] [--only NAME]
 *
 * `written` counts characters of the formatted text and of the rendered diagnostics for each character read. It must not grow
 * with the size, else exit 1. Times are not judged; the slowest cases are shown, all of them with `--all`.
 */
import { parseArgs } from 'node:util';
import { machineFacts, machineLine } from '#bench/load/report/machine.ts';
import { table } from '#bench/load/report/table.ts';
import { render } from '#config/diag/render.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { library } from '#config/eval/library.ts';
import { format } from '#config/print/format.ts';
import { parse } from '#config/syntax/parse.ts';
import { HOSTILE_TEXTS, type HostileText } from './hostile-texts.ts';

const SIZES = [16, 64, 256].map((kibibytes) => kibibytes * 1024);
const SHOWN = 20;
/** Times that `written` may grow from the smallest to the largest text: room for what is there but once. */
const GROWTH = 1.5;

const scope = library({ variable: () => undefined, hostname: 'h', os: 'linux', arch: 'amd64', version: 'v0.0.0' });

/** The whole way of a configuration; characters written. */
function run(text: string | Uint8Array): number {
  const { file, diagnostics } = parse('hostile', text);
  const formatted = format('hostile', text).text ?? '';
  format('hostile', formatted);
  const evaluated = evaluateBody(file.source, file.body, scope);
  const rendered = render([...diagnostics, ...evaluated.diagnostics], new Map([['hostile', file.source.text]]));
  return formatted.length + rendered.length;
}

interface Cost {
  readonly worstMs: number;
  readonly written: number;
}

function cost(make: HostileText, length: number, rounds: number): Cost {
  const text = make(length);
  let worstMs = 0;
  let written = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    written = run(text) / text.length;
    worstMs = Math.max(worstMs, performance.now() - start);
  }
  return { worstMs, written };
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    all: { type: 'boolean', default: false },
  },
});
for (const make of HOSTILE_TEXTS.values()) run(make(SIZES[0]));
const results = [...HOSTILE_TEXTS]
  .filter(([name]) => values.only === undefined || name === values.only)
  .map(([name, make]) => ({ name, costs: SIZES.map((size) => cost(make, size, Number(values.rounds))) }))
  .sort((a, b) => b.costs[1].worstMs - a.costs[1].worstMs);
const growing = results.filter(({ costs }) => costs[2].written > Math.max(1, costs[0].written) * GROWTH);

const rows = results
  .slice(0, values.all ? results.length : SHOWN)
  .map(({ name, costs }) => [name, ...costs.map((c) => c.worstMs.toFixed(1)), costs[2].written.toFixed(1)]);
const lines = table([['worst of all rounds, ms', '16 KiB', '64 KiB', '256 KiB', 'written'], ...rows]);
process.stdout.write(`${machineLine(machineFacts())}\n${results.length} cases\n\n${lines.join('\n')}\n`);
for (const { name } of growing) process.stderr.write(`${name}: what is written grows faster than what is read\n`);
process.exitCode = growing.length > 0 ? 1 : 0;
