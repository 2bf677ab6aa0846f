/** The report of a run: one result per scenario. */
import type { Round } from '../run/round.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SystemName } from '../system/system.ts';
import type { Machine } from './machine.ts';
import { ratioTo, summarize, type Ratio, type Summary } from './summary.ts';

export interface Result {
  readonly scenario: Scenario;
  /** Of the requests, on average. */
  readonly requestBytes: number;
  readonly systems: readonly Summary[];
  readonly ratios: readonly Ratio[];
  /** Systems that could not run the scenario, and why. */
  readonly skipped: readonly string[];
  readonly rounds: Readonly<Record<SystemName, readonly Round[]>>;
}

export interface Report {
  readonly machine: Machine;
  /** As given to `npm run bench:load --`. */
  readonly arguments: readonly string[];
  readonly workers: number;
  readonly built: boolean;
  readonly nodeFlags: readonly string[];
  readonly cpus: { readonly system: string; readonly load: string } | null;
  readonly peer: string | null;
  readonly results: readonly Result[];
}

export function makeResult(
  scenario: Scenario,
  requestBytes: number,
  rounds: ReadonlyMap<SystemName, readonly Round[]>,
  skipped: readonly string[],
): Result {
  const ours = rounds.get('millrace') ?? [];
  const others = [...rounds].filter(([name]) => name !== 'millrace');
  return {
    scenario,
    requestBytes,
    systems: [...rounds].map(([name, list]) => summarize(scenario, name, list, requestBytes / scenario.spans)),
    ratios: others.map(([name, list]) => ratioTo(scenario, name, list, ours)).filter((ratio) => ratio !== null),
    skipped,
    rounds: Object.fromEntries(rounds),
  };
}

/** What fails the run: everything of ours that did not pass. A peer's losses are results, not failures of the benchmark. */
export function failuresOf(report: Report): readonly string[] {
  return report.results.flatMap(({ scenario, systems }) =>
    systems
      .filter(({ system }) => system !== report.peer)
      .flatMap(({ failures }) => failures.map((text) => `${scenario.name}: ${text}`)),
  );
}
