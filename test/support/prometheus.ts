/**
 * A real Prometheus for tests of interoperation: takes remote write, scrapes what it is told to, answers queries.
 *
 *     const prometheus = await startPrometheus(t, { scrape: [{ job: 'millrace', target: '127.0.0.1:12345', path: '/metrics/derived' }] });
 *     await prometheus.until('up{job="millrace"}', (found) => found.length === 1 && found[0].value === 1);
 *
 * `.ci/prometheus` gets it where apt is there; tests skip with {@link PROMETHEUS_SKIP} where it is not.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { foundTool } from './found-tool.ts';
import { freePorts } from './free-ports.ts';
import { temporaryFolder } from './provider-context.ts';

const PROMETHEUS = foundTool('MILLRACE_PROMETHEUS', 'prometheus');
const PROMTOOL = foundTool('MILLRACE_PROMTOOL', 'promtool');
/** For the `skip` option of tests. */
export const PROMETHEUS_SKIP = PROMETHEUS.skip;
export const PROMTOOL_SKIP = PROMTOOL.skip;

/** How long something may take that happens in time. */
const LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 50;

export interface Scrape {
  readonly job: string;
  /** `127.0.0.1:12345` */
  readonly target: string;
  readonly path: string;
}

export interface Vector {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a native histogram: NaN. */
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly ms: number;
  readonly histogram: {
    readonly count: number;
    readonly sum: number;
    /** Bounds as Prometheus writes them. */
    readonly buckets: readonly { readonly lower: number; readonly upper: number; readonly count: number }[];
  } | null;
}

export interface ExemplarRead {
  readonly series: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly ms: number;
}

export interface Prometheus {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly writeUrl: string;
  /** An instant query, now or at `atMs`. */
  query(promql: string, atMs?: number): Promise<Vector[]>;
  /** All samples of each series within the range, in order. */
  samples(
    selector: string,
    fromMs: number,
    toMs: number,
  ): Promise<{ labels: Readonly<Record<string, string>>; samples: [ms: number, value: number][] }[]>;
  exemplars(promql: string, fromMs: number, toMs: number): Promise<ExemplarRead[]>;
  /** What scraped targets say about metrics. Metadata that comes by remote write Prometheus does not keep. */
  metadata(metric: string): Promise<readonly { readonly type: string; readonly help: string; readonly unit: string }[]>;
  /** Asks until the answer is right. */
  until(promql: string, right: (found: Vector[]) => boolean): Promise<Vector[]>;
}

let watching = false;

/** A runner ends a file that takes too long with SIGTERM, whose default action skips 'exit'. */
function exitOnSignals(): void {
  if (watching) return;
  watching = true;
  process.once('SIGTERM', () => process.exit(143));
}

/** Starts one with a data folder of its own; it ends with the test. */
export async function startPrometheus(
  t: TestContext,
  { scrape = [] }: { readonly scrape?: readonly Scrape[] } = {},
): Promise<Prometheus> {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      storage: { exemplars: { max_exemplars: 10_000 } },
      scrape_configs: scrape.map(({ job, target, path }) => ({
        job_name: job,
        metrics_path: path,
        static_configs: [{ targets: [target] }],
      })),
    }),
  );
  // Somebody else may have taken the port meanwhile.
  for (let attempt = 0; ; attempt++) {
    const [port] = await freePorts(1);
    const child = spawn(
      PROMETHEUS.path,
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, `data${attempt}`)}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
        '--enable-feature=exemplar-storage,native-histograms',
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    exitOnSignals();
    // Also when the test's own process ends before its time.
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    t.after(async () => {
      process.off('exit', kill);
      child.kill('SIGTERM');
      await ended;
    });
    const url = `http://127.0.0.1:${port}`;
    if (await isReady(url, child)) return new Client(url);
    if (attempt === 2 || !said.includes('address already in use')) throw new Error(`prometheus did not start: ${said}`);
  }
}

/** Tells what `promtool check metrics` has against an exposition; [] = nothing. */
export function checkMetrics(text: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync(PROMTOOL.path, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  return status === 0 ? [] : lines.length > 0 ? lines : [`exit code ${status}`];
}

/** false: it has ended. */
async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  for (const end = performance.now() + LIMIT_MS; child.exitCode === null; await pause()) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return true;
    if (performance.now() > end) throw new Error('prometheus is not ready in time');
  }
  return false;
}

/** As Prometheus writes it: `+Inf`. */
const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'));

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));

type Pair = readonly [seconds: number, value: string];
interface RawHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [rule: number, lower: string, upper: string, count: string])[];
}
interface RawVector {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Pair;
  readonly values?: readonly Pair[];
  readonly histogram?: readonly [seconds: number, histogram: RawHistogram];
}

class Client implements Prometheus {
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }

  get writeUrl(): string {
    return `${this.url}/api/v1/write`;
  }

  async query(promql: string, atMs?: number): Promise<Vector[]> {
    const { result } = (await this.#ask('query', {
      query: promql,
      ...(atMs === undefined ? {} : { time: String(atMs / 1000) }),
    })) as {
      readonly result: readonly RawVector[];
    };
    return result.map(({ metric, value, histogram }) => ({
      labels: metric,
      value: value === undefined ? NaN : numberOf(value[1]),
      ms: Math.round((value?.[0] ?? histogram?.[0] ?? 0) * 1000),
      histogram:
        histogram === undefined
          ? null
          : {
              count: Number(histogram[1].count),
              sum: Number(histogram[1].sum),
              buckets: (histogram[1].buckets ?? []).map(([, lower, upper, count]) => ({
                lower: Number(lower),
                upper: Number(upper),
                count: Number(count),
              })),
            },
    }));
  }

  async samples(
    selector: string,
    fromMs: number,
    toMs: number,
  ): Promise<{ labels: Readonly<Record<string, string>>; samples: [number, number][] }[]> {
    const seconds = Math.ceil((toMs - fromMs) / 1000) + 1;
    const query = `${selector}[${seconds}s]`;
    const { result } = (await this.#ask('query', { query, time: String(toMs / 1000) })) as {
      readonly result: readonly RawVector[];
    };
    return result.map(({ metric, values = [] }) => ({
      labels: metric,
      samples: values
        .map(([at, value]): [number, number] => [Math.round(at * 1000), numberOf(value)])
        .filter(([ms]) => ms >= fromMs),
    }));
  }

  async exemplars(promql: string, fromMs: number, toMs: number): Promise<ExemplarRead[]> {
    const found = (await this.#ask('query_exemplars', {
      query: promql,
      start: String(fromMs / 1000),
      end: String(toMs / 1000),
    })) as readonly {
      readonly seriesLabels: Readonly<Record<string, string>>;
      readonly exemplars: readonly {
        readonly labels: Readonly<Record<string, string>>;
        readonly value: string;
        readonly timestamp: number;
      }[];
    }[];
    return found.flatMap(({ seriesLabels, exemplars }) =>
      exemplars.map(({ labels, value, timestamp }) => ({
        series: seriesLabels,
        labels,
        value: Number(value),
        ms: Math.round(timestamp * 1000),
      })),
    );
  }

  async metadata(
    metric: string,
  ): Promise<readonly { readonly type: string; readonly help: string; readonly unit: string }[]> {
    const found = (await this.#ask('metadata', { metric })) as Readonly<Record<string, never[]>>;
    return found[metric] ?? [];
  }

  async until(promql: string, right: (found: Vector[]) => boolean): Promise<Vector[]> {
    for (const end = performance.now() + LIMIT_MS; ; await pause()) {
      const found = await this.query(promql);
      if (right(found)) return found;
      if (performance.now() > end) assert.fail(`${promql} gives ${JSON.stringify(found)}`);
    }
  }

  async #ask(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const answer = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const said = (await answer.json()) as { readonly status: string; readonly data: unknown; readonly error?: string };
    assert.equal(said.status, 'success', said.error);
    return said.data;
  }
}
