/** Where a configuration listens and where it sends to, read from the `endpoint` arguments of its components. */
import type { Graph } from './graph.ts';

export interface Endpoint {
  /** The component's id. */
  readonly id: string;
  readonly endpoint: string;
  /** What stands beside it; `tcp` unless `transport` says `unix`. */
  readonly transport: 'tcp' | 'unix';
}

export function listenersOf({ nodes }: Graph): readonly Endpoint[] {
  return nodes.flatMap(({ id, component, args }) => (component.main === undefined ? [] : endpointsIn(id, args)));
}

export function destinationsOf({ nodes }: Graph): readonly Endpoint[] {
  return nodes.flatMap(({ id, component, args }) => (component.worker === undefined ? [] : endpointsIn(id, args)));
}

function endpointsIn(id: string, args: unknown): Endpoint[] {
  if (typeof args !== 'object' || args === null) return [];
  const { endpoint, transport } = args as Readonly<Record<string, unknown>>;
  const here: Endpoint[] =
    typeof endpoint === 'string' && endpoint !== ''
      ? [{ id, endpoint, transport: transport === 'unix' ? 'unix' : 'tcp' }]
      : [];
  return [...here, ...Object.values(args).flatMap((value) => endpointsIn(id, value))];
}
