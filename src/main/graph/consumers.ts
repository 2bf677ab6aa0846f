/**
 * A component's outputs, read from its decoded arguments. By convention they stand in the block `output` with one list of
 * consumers per signal (`components/kit/blocks/output.ts`).
 */
import type { ConsumerRef } from '#shared/plan.ts';
import type { SignalName } from '#shared/signal.ts';

export function consumersOf(args: unknown, signal: SignalName): readonly ConsumerRef[] {
  const output = property(args, 'output');
  const refs = property(output, signal);
  return Array.isArray(refs) ? (refs as readonly ConsumerRef[]) : [];
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}
