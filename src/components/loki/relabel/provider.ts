/** Gives the rules to other components. They never change by themselves. */
import type { CreateProvider } from '#components/kit/component.ts';
import type { Args, Exports } from './schema.ts';

export const create: CreateProvider<Args, Exports> = (args) => ({
  start: () => Promise.resolve({ rules: { capsule: 'relabel.Rules', rules: args.rule } }),
  stop: () => Promise.resolve(),
});
