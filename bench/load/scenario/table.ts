/** All scenarios by name. */
import { FAULTS } from './faults.ts';
import { THROUGHPUT } from './throughput.ts';
import type { Scenario } from './scenario.ts';
import { TESTBED_ROWS } from './testbed.ts';

export const SCENARIOS: readonly Scenario[] = [...THROUGHPUT, ...TESTBED_ROWS, ...FAULTS];

/** `all`, or names separated by commas. Throws an Error with a sentence for the user. */
export function findScenarios(names: string): readonly Scenario[] {
  if (names === 'all') return SCENARIOS;
  return names.split(',').map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`there is no scenario ${name}; --scenario=list prints them`);
    return found;
  });
}

export function listScenarios(): string {
  const width = Math.max(...SCENARIOS.map(({ name }) => name.length));
  return SCENARIOS.map(({ name, about }) => `${name.padEnd(width)}  ${about}\n`).join('');
}
