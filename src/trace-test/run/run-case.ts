/** Runs one case: a collector of its own, the steps, the end, and everything that is not as it was expected. */
import type { Diagnostic, Span } from '#config/diag/diagnostic.ts';
import { nearest } from '#config/diag/suggest.ts';
import { MillraceError } from '#shared/errors.ts';
import { isAccepted, isRefused, messageOf, type Outcome } from '#shared/outcome.ts';
import type { Signal } from '#shared/signal.ts';
import type {
  ExpectedCounter,
  ExpectedItem,
  ExpectedItems,
  Expectation,
  OtlpRequest,
  Request,
  Step,
  TestCase,
} from '../file/test-file.ts';
import { canonical, type Terms } from '../items/canonical.ts';
import { FIELDS } from '../items/fields.ts';
import { Names } from '../items/names.ts';
import { itemsOf, kindOf, requestOf, signalName } from '../items/requests.ts';
import { Times } from '../items/times.ts';
import { KINDS, type Kind, type Value, type ValueMap } from '../items/value.ts';
import { match, type Verdict } from '../match/match.ts';
import { SteppingClock } from './clock.ts';
import { startCollector, type Collector, type Configuration, type LogLine } from './collector.ts';
import { resolve } from './resolve.ts';

export interface CaseOptions extends Configuration {
  readonly startMs: number;
  /** Where the test names its configuration. */
  readonly configSpan: Span;
}

/** One thing that is not as it should be. */
export interface Failure {
  readonly span: Span;
  readonly message: string;
  /** Of items that were expected one by one. */
  readonly verdict: Verdict<ExpectedItem> | null;
  /** What came out, where a number was expected, nothing, or another order. */
  readonly came: readonly ValueMap[];
  /** What in the file would have to change. */
  readonly list: ExpectedItems | null;
}

/** What came out of an exporter, canonical. */
export type Output = ReadonlyMap<string, ReadonlyMap<Kind, readonly ValueMap[]>>;

export interface CaseResult {
  readonly failures: readonly Failure[];
  /** Of the configuration; it could not run if there are errors among them. */
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
  /** What was logged as a warning or an error. */
  readonly log: readonly LogLine[];
  /** All of it, whatever was expected. */
  readonly output: Output;
}

export async function runCase(test: TestCase, options: CaseOptions): Promise<CaseResult> {
  const clock = new SteppingClock(options.startMs);
  const none = { failures: [], diagnostics: [], texts: new Map<string, string>(), log: [], output: new Map() };
  try {
    const { collector, diagnostics, texts } = await startCollector({ ...options, workers: test.workers, clock });
    if (collector === null) return { ...none, diagnostics, texts };
    return { ...(await new Run(test, collector, clock).run()), diagnostics, texts };
  } catch (thrown) {
    if (!(thrown instanceof MillraceError)) throw thrown;
    return {
      ...none,
      failures: [{ span: options.configSpan, message: thrown.message, verdict: null, came: [], list: null }],
    };
  }
}

type Came = Map<string, Map<Kind, ValueMap[]>>;

class Run {
  readonly #test: TestCase;
  readonly #collector: Collector;
  readonly #clock: SteppingClock;
  readonly #terms: Terms;
  readonly #failures: Failure[] = [];
  /** By request: it has not been answered. */
  readonly #waiting = new Map<object, () => void>();
  readonly #all: Came = new Map();

  constructor(test: TestCase, collector: Collector, clock: SteppingClock) {
    this.#test = test;
    this.#collector = collector;
    this.#clock = clock;
    this.#terms = { names: new Names(), times: new Times(clock.startMs) };
  }

  async run(): Promise<Pick<CaseResult, 'failures' | 'log' | 'output'>> {
    const { steps, end, counters } = this.#test;
    await this.#clock.rest();
    for (const step of steps) await this.#step(step);
    await this.#collector.stop();
    const came = this.#take();
    for (const expectation of end) this.#judge(expectation, came);
    for (const counter of counters) this.#count(counter);
    for (const tell of this.#waiting.values()) tell();
    return { failures: this.#failures, log: this.#collector.lines, output: this.#all };
  }

  async #step(step: Step): Promise<void> {
    if (step.kind === 'advance') return this.#clock.advance(step.ms);
    if (step.kind === 'memory') {
      this.#collector.usedBytes = step.bytes;
      return;
    }
    if (step.kind === 'input') {
      for (const request of step.requests) await this.#send(request);
      return;
    }
    const came = this.#take();
    for (const expectation of step.expectations) this.#judge(expectation, came);
  }

  async #send(request: Request): Promise<void> {
    const receiver = resolve(request.receiver, this.#collector.receivers, 'receiver');
    if ('problem' in receiver) return this.#fail(request.span, receiver.problem);
    for (const { signal, items } of request.items) {
      const whole = items.map((item) => ({
        ...(request.resource === null ? {} : { resource: request.resource }),
        ...(request.scope === null ? {} : { scope: request.scope }),
        ...item,
      }));
      const fields = FIELDS[kindOf(signal)];
      const told = whole.map((item) => canonical(fields, item, this.#terms));
      await this.#offer(request, receiver.id, signal, requestOf(signal, told, this.#clock.now(), this.#terms));
    }
    for (const { signal, bytes } of request.otlp) await this.#offer(request, receiver.id, signal, bytes);
  }

  async #offer(request: Request, receiver: string, signal: Signal, bytes: Buffer): Promise<void> {
    const entry = this.#collector.entry(receiver);
    if (!entry.has(signal))
      return this.#fail(
        request.span,
        `${receiver} hands ${signalName(signal)} to nobody: its sender is told that they are not taken`,
      );
    const refusal = entry.admit(signal);
    if (!isAccepted(refusal)) return this.#answered(request, refusal);
    const call = {};
    this.#waiting.set(call, () => this.#fail(request.span, 'the sender was not answered until the end'));
    entry.offer(signal, bytes, request.metadata, (outcome, _items, detail) => {
      this.#waiting.delete(call);
      this.#answered(request, outcome, detail);
    });
    await this.#clock.rest();
  }

  #answered({ span, outcome: expected }: Request, outcome: Outcome, detail?: string): void {
    const came = isAccepted(outcome) ? 'accepted' : isRefused(outcome) ? 'refused' : 'rejected';
    if (came !== expected) this.#fail(span, `expected to be ${expected}, was ${came}${reason(outcome, detail)}`);
  }

  /** What has come out since the last call, by exporter and kind. */
  #take(): Came {
    const came: Came = new Map();
    for (const { nodeId, flow, bytes } of this.#collector.take()) {
      const items = itemsOf(flow, bytes, this.#terms);
      for (const into of [came, this.#all]) add(into, nodeId, kindOf(flow), items);
    }
    return came;
  }

  #judge(expectation: Expectation, came: Came): void {
    const exporter = resolve(expectation.exporter, this.#collector.exporters, 'exporter');
    if ('problem' in exporter) return this.#fail(expectation.span, exporter.problem);
    const kinds = came.get(exporter.id) ?? new Map<Kind, ValueMap[]>();
    if (expectation.none) {
      const sums = KINDS.flatMap((kind) => (kinds.has(kind) ? [sized(kinds.get(kind)!.length, kind)] : []));
      if (sums.length === 0) return;
      const message = `${exporter.id}: expected nothing, got ${sums.join(', ')}`;
      return this.#fail(expectation.span, message, null, [...kinds.values()].flat());
    }
    for (const [kind, expectedItems] of expectation.kinds) {
      const { span, count, items, otlp } = expectedItems;
      const actual = kinds.get(kind) ?? [];
      if (count !== null) {
        if (count === actual.length) continue;
        this.#fail(
          span,
          `${exporter.id}: expected ${sized(count, kind)}, got ${actual.length}`,
          null,
          actual,
          expectedItems,
        );
        continue;
      }
      const expected = [
        ...items.map((one) => ({ ...one, item: canonical(FIELDS[kind], one.item, this.#terms) })),
        ...otlp.flatMap((one) => this.#inFull(one)),
      ];
      const verdict = match(expected, actual, expectation);
      if (verdict.missing.length + verdict.unexpected.length === 0 && !verdict.isMisordered) continue;
      const inOrder = verdict.isMisordered ? actual : [];
      const got = verdict.isMisordered
        ? 'got them in another order'
        : `got ${actual.length}${actual.length === expected.length ? ' with differences' : ''}`;
      this.#fail(
        span,
        `${exporter.id}: expected ${sized(expected.length, kind)}, ${got}`,
        verdict,
        inOrder,
        expectedItems,
      );
    }
  }

  #inFull({ signal, bytes, span }: OtlpRequest): ExpectedItem[] {
    return itemsOf(signal, bytes, this.#terms).map((item) => ({ span, item: mentioned(item), source: null }));
  }

  #count({ span, text, name, labels, value }: ExpectedCounter): void {
    const families = this.#collector.families();
    const family = families.find((one) => one.name === name);
    const series = (family?.series ?? []).filter((one) =>
      Object.entries(labels).every(([label, wanted]) => one.labels[label] === wanted),
    );
    if (series.length === 0) {
      const near = nearest(
        name,
        families.map((one) => one.name),
      );
      const hint = family === undefined && near !== undefined ? `; did you mean ${near}?` : '';
      return this.#fail(span, `nothing is counted as ${text}${hint}`);
    }
    const sum = series.reduce((total, one) => total + (one.count ?? one.value), 0);
    if (sum !== value) this.#fail(span, `${text}: expected ${value}, got ${sum}`);
  }

  #fail(
    span: Span,
    message: string,
    verdict: Failure['verdict'] = null,
    came: Failure['came'] = [],
    list: Failure['list'] = null,
  ): void {
    this.#failures.push({ span, message, verdict, came, list });
  }
}

/** Fields that are told of every item, set or not. */
const ALWAYS_TOLD = ['name', 'monotonic', 'count', 'scale'];

/** OTLP does not tell what is not set from what is 0: an expectation does not mention it. */
function mentioned(item: ValueMap): ValueMap {
  const isDefault = (value: Value): boolean => value === '' || value === false || value === 0n || value === 0;
  return Object.fromEntries(
    Object.entries(item).filter(([key, value]) => !ALWAYS_TOLD.includes(key) || !isDefault(value)),
  );
}

const reason = (outcome: Outcome, detail: string | undefined): string =>
  isAccepted(outcome) ? '' : `: ${messageOf(outcome)}${detail === undefined ? '' : ` (${detail})`}`;

const ONE: Readonly<Record<Kind, string>> = {
  spans: 'span',
  metrics: 'metric data point',
  logs: 'log record',
  series: 'sample',
  lines: 'line',
};

/** `2 metric data points` */
const sized = (count: number, kind: Kind): string => `${count} ${ONE[kind]}${count === 1 ? '' : 's'}`;

function add(into: Came, exporter: string, kind: Kind, items: readonly ValueMap[]): void {
  const kinds = into.get(exporter) ?? new Map<Kind, ValueMap[]>();
  into.set(exporter, kinds);
  kinds.set(kind, [...(kinds.get(kind) ?? []), ...items]);
}
