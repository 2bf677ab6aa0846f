/**
 * A component's outputs, read from its decoded arguments. By convention OTLP goes to the block `output` with one list of
 * consumers per signal (`components/kit/blocks/output.ts`), Prometheus series and Loki lines to the list `forward_to`.
 */
import type { ConsumerRef } from '#shared/plan.ts';
import { FLOW_NAMES, SIGNALS, type Flow } from '#shared/signal.ts';

export function consumersOf(args: unknown, flow: Flow): readonly ConsumerRef[] {
  const isOtlp = SIGNALS.some((signal) => signal === flow);
  const refs = isOtlp ? property(property(args, 'output'), FLOW_NAMES[flow]) : property(args, 'forward_to');
  if (!Array.isArray(refs)) return [];
  return isOtlp ? (refs as ConsumerRef[]) : (refs as ConsumerRef[]).filter(({ accepts }) => accepts.includes(flow));
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}
