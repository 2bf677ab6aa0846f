/** Which metrics are converted: what `include` names and `exclude` does not. */
import { EXPONENTIAL, HISTOGRAM, SUM } from '#components/kit/metrics/metric.ts';
import { GoRegex } from '#text/regex.ts';
import type { Args, Match } from './schema.ts';

/** Names whose answer is remembered. */
const MAX_NAMES = 10_000;

type Test = (name: string) => boolean;

export class Selection {
  readonly #kinds: ReadonlySet<number>;
  readonly #tests: readonly { readonly test: Test; readonly wanted: boolean }[];
  /** By name; patterns are asked once for each. */
  readonly #known = new Map<string, boolean>();

  constructor({ include, exclude }: Pick<Args, 'include' | 'exclude'>) {
    const included = kindsOf(include);
    const excluded = kindsOf(exclude);
    this.#kinds = new Set(
      [SUM, HISTOGRAM, EXPONENTIAL].filter(
        (kind) => (included.length === 0 || included.includes(kind)) && !excluded.includes(kind),
      ),
    );
    this.#tests = [
      { test: testOf(include), wanted: true },
      { test: testOf(exclude), wanted: false },
    ].flatMap(({ test, wanted }) => (test === null ? [] : [{ test, wanted }]));
  }

  has(kind: number, name: () => string): boolean {
    if (!this.#kinds.has(kind)) return false;
    if (this.#tests.length === 0) return true;
    const text = name();
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const answer = this.#tests.every(({ test, wanted }) => test(text) === wanted);
    if (this.#known.size >= MAX_NAMES) this.#known.clear();
    this.#known.set(text, answer);
    return answer;
  }
}

function kindsOf(match: Match | undefined): readonly number[] {
  return (match?.metric_types ?? []).map((word) => (word === 'sum' ? SUM : HISTOGRAM));
}

function testOf(match: Match | undefined): Test | null {
  if (match === undefined || match.metrics.length === 0) return null;
  if (match.match_type === 'strict') {
    const names = new Set(match.metrics);
    return (name) => names.has(name);
  }
  const patterns = match.metrics.map((pattern) => new GoRegex(pattern));
  return (name) => patterns.some((pattern) => pattern.test(name));
}
