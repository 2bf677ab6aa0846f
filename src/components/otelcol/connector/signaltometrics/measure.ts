/** What a metric takes from an item: the values of its expressions, as numbers. */
import type { Measure } from '#components/kit/derive/deriver.ts';
import type { Counter } from '#shared/meter.ts';
import { fail } from '#ottl/error.ts';
import { compileValue } from '#ottl/expression.ts';
import type { Getter, Telemetry } from '#ottl/telemetry.ts';
import { typeName, type Value } from '#ottl/value.ts';
import { CONTEXT_OF, FUNCTIONS, type Kind, type MetricArgs } from './schema.ts';

/** `unfit` counts values that the metric cannot hold. */
export function measureOf(kind: Kind, metric: MetricArgs, unfit: Counter): Measure {
  const get = (text: string): Getter => compileValue(text, CONTEXT_OF[kind], FUNCTIONS).get;
  const { histogram, exponential_histogram: exponential, sum, gauge } = metric;
  const recorded = histogram ?? exponential;
  if (recorded !== undefined)
    return new Recorded(
      get(recorded.value),
      recorded.count === '' ? null : get(recorded.count),
      exponential !== undefined,
      unfit,
    );
  return sum === undefined ? new Single('gauge', get(gauge!.value), unfit) : new Single('sum', get(sum.value), unfit);
}

function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : fail(`the value is no number, but ${typeName(value)}`);
}

class Single implements Measure {
  readonly kind: 'sum' | 'gauge';
  readonly count = 1;
  value = 0;
  readonly #get: Getter;
  readonly #unfit: Counter;

  constructor(kind: 'sum' | 'gauge', get: Getter, unfit: Counter) {
    this.kind = kind;
    this.#get = get;
    this.#unfit = unfit;
  }

  read(t: Telemetry): boolean {
    this.value = numberOf(this.#get(t));
    if (Number.isFinite(this.value)) return true;
    this.#unfit.add(1);
    return false;
  }
}

class Recorded implements Measure {
  readonly kind = 'histogram';
  value = 0;
  count = 1;
  readonly #get: Getter;
  readonly #count: Getter | null;
  readonly #positive: boolean;
  readonly #unfit: Counter;

  constructor(get: Getter, count: Getter | null, positive: boolean, unfit: Counter) {
    this.#get = get;
    this.#count = count;
    this.#positive = positive;
    this.#unfit = unfit;
  }

  read(t: Telemetry): boolean {
    this.value = numberOf(this.#get(t));
    if (this.#count !== null) this.count = Math.trunc(numberOf(this.#count(t)));
    if (this.count === 0) return false;
    const fits = Number.isFinite(this.value) && this.count > 0 && this.count <= Number.MAX_SAFE_INTEGER;
    if (fits && (!this.#positive || this.value >= 0)) return true;
    this.#unfit.add(1);
    return false;
  }
}
