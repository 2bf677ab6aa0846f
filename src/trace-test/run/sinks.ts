/** The end of the pipeline: components that have no next one send to somewhere outside. Here a record of their input takes their place. */
import type { Consumer } from '#components/kit/batch.ts';
import type { Component, CreateWorkerPart } from '#components/kit/component.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';

/** What an exporter was given. */
export interface Recorded {
  readonly nodeId: string;
  readonly flow: Flow;
  /** Own memory. */
  readonly bytes: Buffer;
}

/** By convention what comes out of a component goes to its block `output` or its list `forward_to`. */
export function isSink({ worker, accepts, args: { shape } }: Component): boolean {
  return (
    worker !== undefined && accepts.length > 0 && !Object.hasOwn(shape, 'output') && !Object.hasOwn(shape, 'forward_to')
  );
}

/** The worker part of any sink: takes everything, sends nothing. */
export function recorder(record: (recorded: Recorded) => void): CreateWorkerPart<unknown> {
  return (_args, { id }) => {
    const input: Consumer<Flow> = {
      consume: ({ signal, bytes }) => {
        record({ nodeId: id, flow: signal, bytes: Buffer.from(bytes) });
        return Outcome.accepted;
      },
    };
    return { input, start: () => {}, update: () => {}, stop: () => Promise.resolve() };
  };
}
