/**
 * How loading went, in Alloy's metrics (grafana/alloy `internal/static/config/instrumentation`,
 * `internal/runtime/internal/controller/metrics.go`).
 */
import type { Clock } from '#shared/clock.ts';
import type { Counter, Gauge, Histogram, Labels, Meter } from '#shared/meter.ts';
import type { MetricFamily } from '#shared/registry.ts';
import { HEALTH_STATES, type HealthState } from './health.ts';

/** Labels of the root controller; modules will have their own path and id. */
const ROOT: Labels = { controller_path: '/', controller_id: '' };
const EVALUATION_BOUNDS_S = [0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600];

export class ConfigMetrics {
  readonly #clock: Clock;
  readonly #successful: Gauge;
  readonly #successTime: Gauge;
  readonly #failures: Counter;
  readonly #evaluating: Gauge;
  readonly #evaluationSeconds: Histogram;
  #hash = '';

  constructor(meter: Meter, clock: Clock) {
    this.#clock = clock;
    this.#successful = meter.gauge({ name: 'alloy_config_last_load_successful', help: 'Config loaded successfully.' });
    this.#successTime = meter.gauge({
      name: 'alloy_config_last_load_success_timestamp_seconds',
      help: 'Timestamp of the last successful configuration load.',
    });
    this.#failures = meter.counter({ name: 'alloy_config_load_failures_total', help: 'Configuration load failures.' });
    this.#evaluating = meter.gauge(
      { name: 'alloy_component_controller_evaluating', help: 'Whether a configuration is being evaluated right now.' },
      ROOT,
    );
    this.#evaluationSeconds = meter.histogram(
      {
        name: 'alloy_component_evaluation_seconds',
        help: 'Time spent on the evaluation of one component.',
        bounds: EVALUATION_BOUNDS_S,
      },
      ROOT,
    );
  }

  evaluated(seconds: number): void {
    this.#evaluationSeconds.observe(seconds);
  }

  /** Runs a load; the gauge is 1 meanwhile. */
  async whileEvaluating<T>(load: () => Promise<T>): Promise<T> {
    this.#evaluating.set(1);
    try {
      return await load();
    } finally {
      this.#evaluating.set(0);
    }
  }

  succeeded(hash: string): void {
    this.#hash = hash;
    this.#successful.set(1);
    this.#successTime.set(this.#clock.now() / 1000);
  }

  failed(): void {
    this.#successful.set(0);
    this.#failures.add(1);
  }

  /** Families whose labels change with the configuration. */
  families(components: readonly HealthState[]): MetricFamily[] {
    const running = HEALTH_STATES.map((state) => ({
      labels: { ...ROOT, health_type: state },
      value: components.filter((of) => of === state).length,
    }));
    const families: MetricFamily[] = [
      {
        name: 'alloy_component_controller_running_components',
        help: 'Number of running components by health.',
        kind: 'gauge',
        series: running,
      },
    ];
    if (this.#hash !== '') {
      const labels = { sha256: this.#hash, cluster_name: '' };
      families.push({
        name: 'alloy_config_hash',
        help: 'Hash of the currently active config file.',
        kind: 'gauge',
        series: [{ labels, value: 1 }],
      });
    }
    return families;
  }
}
