/** Groups of OTTL in a configuration: which contexts each signal has, from the outermost to the innermost. */
import type { ContextName } from '#ottl/context.ts';

export type SignalName = 'traces' | 'metrics' | 'logs';

export const CONTEXTS_OF: Readonly<Record<SignalName, readonly ContextName[]>> = {
  traces: ['resource', 'scope', 'span', 'spanevent'],
  metrics: ['resource', 'scope', 'metric', 'datapoint'],
  logs: ['resource', 'scope', 'log'],
};
