/**
 * How long large configurations take to load, and to be evaluated again: with what the last load worked out, when nothing of
 * it has changed, and without (`anew`). Part of `npm run bench:config`.
 */
import { COMPONENTS } from '#components/list.ts';
import { load, type LoadOptions } from '#main/graph/load.ts';
import { systemClock } from '#shared/clock.ts';

const options: LoadOptions = {
  components: COMPONENTS,
  stability: 'experimental',
  environment: { variable: () => undefined, hostname: 'h', os: 'linux', arch: 'amd64', version: 'v0' },
  clock: systemClock,
};
const exporter = (label: string): string =>
  `otelcol.exporter.otlp "${label}" {\n  client { endpoint = "host-${label}:4317" }\n}\n`;
const batch = (label: string, next: string): string =>
  `otelcol.processor.batch "${label}" {\n  output { traces = [${next}] }\n}\n`;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const SHAPES: Readonly<Record<string, () => string>> = {
  '10,000 in a chain': () =>
    exporter('e') +
    numbers(9999)
      .map((i) =>
        batch(`b${i}`, i === 9998 ? 'otelcol.exporter.otlp.e.input' : `otelcol.processor.batch.b${i + 1}.input`),
      )
      .join(''),
  '5,000 pairs': () =>
    numbers(5000)
      .map((i) => exporter(`e${i}`) + batch(`b${i}`, `otelcol.exporter.otlp.e${i}.input`))
      .join(''),
  'one to 9,999': () =>
    numbers(9999)
      .map((i) => exporter(`e${i}`))
      .join('') +
    batch(
      'b',
      numbers(9999)
        .map((i) => `otelcol.exporter.otlp.e${i}.input`)
        .join(', '),
    ),
  '100 modules of 100': () =>
    `declare "m" {\n  argument "to" { }\n${numbers(99)
      .map((i) => batch(`b${i}`, i === 98 ? 'argument.to.value' : `otelcol.processor.batch.b${i + 1}.input`))
      .join('')}` +
    '  export "input" { value = otelcol.processor.batch.b0.input }\n}\n' +
    exporter('e') +
    numbers(100)
      .map((i) => `m "m${i}" { to = otelcol.exporter.otlp.e.input }\n`)
      .join(''),
  'foreach of 10,000': () =>
    `foreach "f" {\n  collection = [${numbers(10_000).join(', ')}]\n  var = "each"\n  template {\n    otelcol.exporter.otlp "e" { client { endpoint = string.format("h%d:4317", each) } }\n  }\n}\n`,
  '10,000 unknown references': () =>
    numbers(10_000)
      .map((i) => batch(`b${i}`, `otelcol.exporter.otlp.e${i}.input`))
      .join(''),
};

export async function scale(): Promise<void> {
  console.log('\nconfiguration               KiB   load ms   again ms   anew ms   components   mistakes');
  for (const [name, make] of Object.entries(SHAPES)) {
    const bytes = Buffer.from(make());
    const start = performance.now();
    const first = await load([{ name: 'large.alloy', bytes }], options);
    const loaded = performance.now();
    const again = await load([{ name: 'large.alloy', bytes }], { ...options, memo: first.memo });
    const evaluated = performance.now();
    await load([{ name: 'large.alloy', bytes }], options);
    const anew = performance.now();
    console.log(
      `${name.padEnd(26)} ${String(Math.round(bytes.length / 1024)).padStart(4)} ${(loaded - start).toFixed(0).padStart(9)} ${(evaluated - loaded).toFixed(0).padStart(10)} ${(anew - evaluated).toFixed(0).padStart(9)} ${String(again.graph?.nodes.length ?? 0).padStart(12)} ${String(again.diagnostics.length).padStart(10)}`,
    );
  }
}
