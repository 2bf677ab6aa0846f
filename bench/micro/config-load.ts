/**
 * How long large configurations take to load: parse, references, evaluation, decoding. Everything that `millrace run` does
 * with a configuration before it starts something.
 *
 *     npm run -s node -- --conditions=source bench/micro/config-load.ts [--components 10000] [--rounds 5] [--json]
 *
 * `again`: the same sources with what the last load worked out, as after new exports of a provider that one component uses;
 * `whole`: the same without it. Milliseconds, medians of the rounds.
 */
import { parseArgs } from 'node:util';
import { machineFacts, machineLine } from '#bench/load/report/machine.ts';
import { median } from '#bench/load/report/statistics.ts';
import { table } from '#bench/load/report/table.ts';
import { define } from '#components/kit/component.ts';
import { COMPONENTS } from '#components/list.ts';
import { processEnvironment } from '#config/eval/environment.ts';
import { attr, body } from '#config/schema/schema.ts';
import { string } from '#config/schema/types.ts';
import { load, type LoadOptions, type LoadResult } from '#main/graph/load.ts';
import type { Source } from '#main/graph/source.ts';
import { systemClock } from '#shared/clock.ts';

interface Result {
  readonly name: string;
  readonly megabytes: number;
  readonly components: number;
  readonly firstMs: number;
  readonly againMs: number;
  readonly wholeMs: number;
}

const PROVIDER = 'local.bench';
const exported = body({ content: attr(string, { required: true, doc: 'Something.' }) });
const provider = define({
  name: PROVIDER,
  stability: 'generally-available',
  summary: '',
  args: body({}),
  accepts: [],
  exports: exported,
  provider: () => Promise.reject(new Error('what it gives is given by the benchmark')),
});

const batch = (label: string, to: string): string =>
  `otelcol.processor.batch "${label}" {\n  timeout = "1s"\n  output { traces = [${to}] }\n}\n`;
const exporter = (label: string, headers = ''): string =>
  `otelcol.exporter.otlp "${label}" {\n  client { endpoint = "tempo:4317"${headers} }\n}\n`;
const receiver = (to: string): string => `otelcol.receiver.otlp "in" {\n  grpc { }\n  output { traces = [${to}] }\n}\n`;
const input = (id: string): string => `${id}.input`;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const ALL_IN_ONE = 100;

/** A receiver, processors in a row, an exporter. */
function row(count: number, last: string): string {
  const labels = numbers(count).map((i) => `p${i}`);
  const next = (i: number): string => (i + 1 < count ? input(`otelcol.processor.batch.p${i + 1}`) : last);
  return labels.map((label, i) => batch(label, next(i))).join('');
}

function configurations(count: number): Readonly<Record<string, string>> {
  const tempo = exporter('tempo', `\n    headers = { "x" = ${PROVIDER}.b.content }\n  `);
  const rest = `${PROVIDER} "b" { }\n${tempo}`;
  const to = input('otelcol.exporter.otlp.tempo');
  const module = `argument "to" { }\n${row(ALL_IN_ONE, 'argument.to.value')}export "input" { value = otelcol.processor.batch.p0.input }\n`;
  const times = numbers(Math.ceil(count / ALL_IN_ONE));
  return {
    'one row': row(count, to) + rest,
    'one receiver, all exporters':
      receiver(
        numbers(count)
          .map((i) => input(`otelcol.exporter.otlp.e${i}`))
          .join(', '),
      ) +
      numbers(count)
        .map((i) => exporter(`e${i}`))
        .join('') +
      rest,
    'one custom component, many instances': `declare "m" {\n${module}}\n${times.map((i) => `m "i${i}" { to = ${to} }\n`).join('')}${rest}`,
    'many custom components': `${times.map((i) => `declare "m${i}" {\n${module}}\nm${i} "a" { to = ${to} }\n`).join('')}${rest}`,
    foreach: `foreach "f" {\n  collection = [${times.map((i) => `"${i}"`).join(', ')}]\n  var = "each"\n  template {\n${row(ALL_IN_ONE, to)}  }\n}\n${rest}`,
    'every reference wrong': row(count, to).replaceAll('processor.batch.p', 'processor.batch.q') + rest,
  };
}

async function measure(name: string, text: string, rounds: number): Promise<Result> {
  const source: Source = { name: 'bench.alloy', bytes: Buffer.from(text) };
  const contents = [{ content: 'a' }, { content: 'b' }];
  let given = 0;
  const options: LoadOptions = {
    components: new Map([...COMPONENTS, [PROVIDER, provider]]),
    stability: 'experimental',
    environment: processEnvironment('0.0.0'),
    clock: systemClock,
    provide: () => Promise.resolve(contents[given]),
  };
  const timed = async (of: Source, more: Partial<LoadOptions>): Promise<readonly [number, LoadResult]> => {
    const start = performance.now();
    const result = await load([of], { ...options, ...more });
    return [performance.now() - start, result];
  };
  const first: number[] = [];
  const again: number[] = [];
  const whole: number[] = [];
  let components = 0;
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    given = 0;
    const fresh = { ...source, bytes: Buffer.from(source.bytes) };
    const [firstMs, { memo, graph }] = await timed(fresh, {});
    given = 1;
    const [againMs] = await timed(fresh, { memo });
    const [wholeMs] = await timed(fresh, {});
    components = graph?.nodes.length ?? 0;
    if (round === 0) continue;
    first.push(firstMs);
    again.push(againMs);
    whole.push(wholeMs);
  }
  const megabytes = source.bytes.length / 1e6;
  return { name, megabytes, components, firstMs: median(first), againMs: median(again), wholeMs: median(whole) };
}

const { values } = parseArgs({
  options: {
    components: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const [count, rounds] = [Number(values.components), Number(values.rounds)];
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write('usage: bench/micro/config-load.ts [--components N] [--rounds N] [--json]\n');
  process.exit(2);
}
const results: Result[] = [];
for (const [name, text] of Object.entries(configurations(count))) results.push(await measure(name, text, rounds));
const machine = machineFacts();
if (values.json) process.stdout.write(`${JSON.stringify({ machine, results })}\n`);
else {
  const ms = (of: number): string => of.toFixed(0);
  const rows = results.map((r) => [
    r.name,
    r.megabytes.toFixed(1),
    String(r.components),
    ms(r.firstMs),
    ms(r.againMs),
    ms(r.wholeMs),
  ]);
  process.stdout.write(`${machineLine(machine)}\n\n`);
  for (const line of table([['configuration', 'MB', 'components', 'first ms', 'again ms', 'whole ms'], ...rows]))
    process.stdout.write(`${line}\n`);
}
