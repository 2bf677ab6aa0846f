/** A run second by second, and what can be read off it. */
import type { PhaseName } from './plan.ts';

export interface Sample {
  /** Since the first sample; the sample covers the time since the one before it. */
  readonly atS: number;
  readonly phase: PhaseName;
  /** Spans per second that left the generator, that were refused, and that reached the sink. */
  readonly sentPerS: number;
  readonly refusedPerS: number;
  readonly goodputPerS: number;
  /** Requests not answered or never sent. */
  readonly lostRequests: number;
  /** Of accepted requests; 0 if there was none. */
  readonly p99Ms: number;
  readonly rssBytes: number | null;
}

/** So long it has to stay quiet to count as recovered. */
const QUIET_S = 3;

/**
 * Seconds from the beginning of the recovery phase until nothing was refused any more and the latency was back at `p99Ms` or
 * less, for some seconds on end. null if that did not happen.
 */
export function recoverySeconds(samples: readonly Sample[], p99Ms: number): number | null {
  const first = samples.findIndex(({ phase }) => phase === 'recovery');
  if (first < 0) return null;
  const startS = first === 0 ? 0 : samples[first - 1].atS;
  let quietFromS = startS;
  for (const sample of samples.slice(first)) {
    if (sample.refusedPerS > 0 || sample.lostRequests > 0 || sample.p99Ms > p99Ms) quietFromS = sample.atS;
    else if (sample.atS - quietFromS >= QUIET_S) return quietFromS - startS;
  }
  return null;
}

/** What the latency may be again, from what it was before: noise of short stretches of time is no relapse. */
export const recoveredP99Ms = (calmP99Ms: number): number => Math.max(50, 3 * calmP99Ms);

/** Bytes per second by which the resident memory grew, by least squares; null of fewer than three samples. */
export function rssSlope(samples: readonly Sample[]): number | null {
  const points = samples.flatMap(({ atS, rssBytes }) => (rssBytes === null ? [] : [[atS, rssBytes] as const]));
  if (points.length < 3) return null;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? null : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

/** The later half: what grows while a program warms up is no leak. */
export function laterHalf(samples: readonly Sample[], phase: PhaseName): readonly Sample[] {
  const all = samples.filter((sample) => sample.phase === phase);
  return all.slice(Math.floor(all.length / 2));
}
