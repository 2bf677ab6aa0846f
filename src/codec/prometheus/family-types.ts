/**
 * To which metric family a series belongs, and of what type that is: by metadata, of this request or an earlier one; without any by
 * what the series of the request show (OpenMetrics suffixes; OpenTelemetry specification, "Prometheus Metric points to OTLP").
 */
import { METRIC_TYPE } from './fields.ts';
import type { FamilyMetadata, Series, WriteRequest } from './read.ts';

/** Families that are remembered; with more of them the memory starts anew. */
const KNOWN_FAMILIES = 10_000;
const SUFFIXES = ['_bucket', '_count', '_sum', '_total', '_info', '_created'] as const;

export interface Family extends FamilyMetadata {
  /** Whether metadata says so. */
  readonly told: boolean;
}

export class FamilyTypes {
  readonly #told = new Map<string, FamilyMetadata>();
  /** Of the current request. */
  readonly #shown = new Map<string, number>();

  /** Takes what a request says of families, and what its series show. */
  learn({ metadata, series }: WriteRequest): void {
    for (const entry of metadata) {
      if (this.#told.size >= KNOWN_FAMILIES && !this.#told.has(entry.family)) this.#told.clear();
      this.#told.set(entry.family, entry);
    }
    this.#shown.clear();
    for (const one of series) this.#see(one);
  }

  /** The family of a series that has this name. A counter's is named as its series is, `_total` included. */
  of(name: string): Family {
    const base = withoutSuffix(name);
    const total = name.endsWith('_created') ? `${base}_total` : name;
    const told = this.#told.get(total) ?? this.#told.get(name) ?? this.#told.get(base);
    if (told !== undefined)
      return { ...told, family: told.type === METRIC_TYPE.counter ? total : told.family, told: true };
    const own = this.#shown.has(total) ? total : name;
    const isMerged = !this.#shown.has(own) && this.#shown.has(base);
    const family = isMerged ? base : own;
    return { family, type: this.#shown.get(family) ?? METRIC_TYPE.unknown, help: '', unit: '', told: false };
  }

  #see({ name, labels }: Series): void {
    if (name.endsWith('_bucket') && name !== '_bucket' && labels.some((label) => label.name === 'le'))
      this.#shown.set(withoutSuffix(name), METRIC_TYPE.histogram);
    else if (labels.some((label) => label.name === 'quantile')) this.#shown.set(name, METRIC_TYPE.summary);
    else if (name.endsWith('_total') && name !== '_total') this.#shown.set(name, METRIC_TYPE.counter);
  }
}

export function withoutSuffix(name: string): string {
  for (const suffix of SUFFIXES) if (name.endsWith(suffix) && name !== suffix) return name.slice(0, -suffix.length);
  return name;
}
