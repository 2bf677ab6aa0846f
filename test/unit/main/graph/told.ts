/** Loads texts in the small world, and shows what was found as short lines. */
import assert from 'node:assert/strict';
import type { Stability } from '#components/kit/component.ts';
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import type { Graph } from '#main/graph/graph.ts';
import { load, type LoadOptions, type LoadResult } from '#main/graph/load.ts';
import type { Provide } from '#main/graph/providers.ts';
import { loadOptions, source, type World } from './fakes.ts';

/** Starts every provider, and keeps none. */
export const provideOnce: Provide = async ({ id, create }) => {
  const nothing = (): never => {
    throw new Error('not for providers of these tests');
  };
  const provider = await create({
    id,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing, with: nothing },
    clock: { now: nothing, monotonicMs: nothing, after: nothing },
    meter: { counter: nothing, gauge: nothing, histogram: nothing, with: nothing },
    health: () => {},
    publish: () => {},
  });
  return provider.start();
};

export interface Loader {
  /** As for running it. */
  readonly run: (text: string, more?: Partial<LoadOptions>) => Promise<LoadResult>;
  /** The graph; nothing was found. */
  readonly good: (text: string, more?: Partial<LoadOptions>) => Promise<Graph>;
  /** What is found when it is loaded to run. */
  readonly told: (text: string, more?: Partial<LoadOptions>) => Promise<string[]>;
  /** What is found when it is only looked at. */
  readonly looked: (text: string) => Promise<string[]>;
}

export function loader(made: World, stability: Stability = 'experimental'): Loader {
  const options = { ...loadOptions(made.components, stability), imports: made.imports, path: '/root' };
  const run: Loader['run'] = (text, more) =>
    load([source(text, 'c.alloy')], { ...options, provide: provideOnce, ...more });
  return {
    run,
    good: async (text, more) => {
      const { graph, diagnostics } = await run(text, more);
      assert.deepEqual(diagnostics.map(line), []);
      assert.ok(graph !== null);
      return graph;
    },
    told: async (text, more) => (await run(text, more)).diagnostics.map(line),
    looked: async (text) => (await load([source(text, 'c.alloy')], options)).diagnostics.map(line),
  };
}

/** `line:col code message | help`, with the file in front if it is another. */
export function line({ span, code, message, help }: Diagnostic): string {
  const file = span.file === 'c.alloy' ? '' : `${span.file}:`;
  return `${file}${span.line}:${span.col} ${code} ${message}${help === undefined ? '' : ` | ${help}`}`;
}
