/** What otelcol.processor.probabilistic_sampler counts (names of the Collector's), for one signal. */
import type { LimitedLog } from '#components/kit/limited-log.ts';
import type { Counter, Meter } from '#shared/meter.ts';

/** What has decided: label `policy`. */
export const BY_PRIORITY = 0;
export const BY_TRACE_ID_HASH = 1;
export const BY_TRACE_ID = 2;
export const BY_RANDOMNESS = 3;
export const BY_NOTHING = 4;
export const BY_ATTRIBUTE = 5;
const POLICIES = ['sampling_priority', 'trace_id_hash', 'trace_id_w3c', 'sampling_randomness', 'missing_randomness'];

/** Why it could not be decided: label `error`. */
export const NO_TROUBLE = -1;
export const MALFORMED = 0;
export const MISSING_RANDOMNESS = 1;
export const INCONSISTENT = 2;
export const RANDOMNESS_IN_USE = 3;
export const THRESHOLD_IN_USE = 4;
const TROUBLES = [
  { error: 'malformed', means: 'what it says of its sampling cannot be read' },
  { error: 'missing_randomness', means: 'it has neither a trace id nor anything else to decide by' },
  {
    error: 'inconsistent_threshold',
    means: 'with the threshold that it has come with it should not have been sampled',
  },
  { error: 'randomness_in_use', means: 'it has a random value: mode equalizing or proportional is for such items' },
  { error: 'threshold_in_use', means: 'it has a threshold: mode equalizing or proportional is for such items' },
] as const;

export class Decisions {
  readonly #meter: Meter;
  readonly #log: LimitedLog;
  readonly #word: 'traces' | 'logs';
  readonly #policies: readonly string[];
  /** By policy, two for each. Declared when they first occur: which ones can depends on the data. */
  readonly #sampled: (Counter | undefined)[] = [];
  readonly #troubles: (Counter | undefined)[] = [];

  /** `attribute`: the name of the policy that goes by one. */
  constructor(meter: Meter, log: LimitedLog, word: 'traces' | 'logs', attribute: string) {
    this.#meter = meter;
    this.#log = log;
    this.#word = word;
    this.#policies = [...POLICIES, attribute];
  }

  count(policy: number, sampled: boolean): void {
    const i = policy * 2 + (sampled ? 1 : 0);
    (this.#sampled[i] ??= this.#meter.counter(
      {
        name: `otelcol_processor_probabilistic_sampler_count_${this.#word}_sampled_total`,
        help: `Number of ${this.#word === 'traces' ? 'spans' : 'log records'} that were let through or left out.`,
      },
      { policy: this.#policies[policy], sampled: String(sampled) },
    )).add(1);
  }

  trouble(trouble: number): void {
    (this.#troubles[trouble] ??= this.#meter.counter(
      {
        name: 'millrace_processor_probabilistic_sampler_errors_total',
        help: 'Number of items about which could not be decided: fail_closed says what becomes of them.',
      },
      { otel_signal: this.#word, error: TROUBLES[trouble].error },
    )).add(1);
    this.#log.event('warn', 'could not be decided by sampling rate', 1, TROUBLES[trouble]);
  }
}
