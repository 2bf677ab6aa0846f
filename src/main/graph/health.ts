/**
 * Health of components, joined over the places where their parts run: main and each worker.
 * States and their order of gravity: grafana/alloy `internal/component/component_health.go`.
 */
import type { Clock } from '#shared/clock.ts';

/** Gravest last. */
export const HEALTH_STATES = ['healthy', 'unknown', 'unhealthy', 'exited'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

export interface Health {
  readonly state: HealthState;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly updatedMs: number;
}

/** Where a report comes from: `main`, `worker 0`, ... */
export type Place = string;

export class HealthBoard {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Map<Place, Health>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  report(id: string, place: Place, state: HealthState, message: string): void {
    let places = this.#byId.get(id);
    if (places === undefined) this.#byId.set(id, (places = new Map()));
    const before = places.get(place);
    if (before?.state === state && before.message === message) return;
    places.set(place, { state, message, updatedMs: this.#clock.now() });
  }

  /** The gravest report; of equally grave ones the latest. */
  of(id: string): Health {
    let joined: Health | undefined;
    for (const health of this.#byId.get(id)?.values() ?? []) {
      if (joined === undefined || graver(health, joined)) joined = health;
    }
    return joined ?? { state: 'unknown', message: '', updatedMs: this.#clock.now() };
  }

  /** Whether this place has said anything about the component. */
  has(id: string, place: Place): boolean {
    return this.#byId.get(id)?.has(place) === true;
  }

  /** What one place said does not hold any more. */
  withdraw(id: string, place: Place): void {
    const places = this.#byId.get(id);
    places?.delete(place);
    if (places?.size === 0) this.#byId.delete(id);
  }

  forget(id: string): void {
    this.#byId.delete(id);
  }
}

function graver(a: Health, b: Health): boolean {
  const byState = HEALTH_STATES.indexOf(a.state) - HEALTH_STATES.indexOf(b.state);
  return byState > 0 || (byState === 0 && a.updatedMs > b.updatedMs);
}
