/** otelcol.receiver.loki in a worker. Keeps nothing: what comes in goes out as logs, or is refused as those are. */
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { Remade } from '#components/kit/remade.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, type Flow, type LOKI, type Signal } from '#shared/signal.ts';
import { logsOf } from './convert.ts';
import type { Args } from './schema.ts';

type Lines = Batch<typeof LOKI>;

export function create(_args: Args, ctx: WorkerContext): WorkerPart<Args> {
  const remade = new Remade<typeof LOKI, Signal>();
  let stopped = false;

  function convert(batch: Lines): Batch | Outcome {
    try {
      const bytes = logsOf(batch.bytes, BigInt(Math.round(ctx.clock.now())) * 1_000_000n);
      return { signal: LOGS, bytes, items: batch.items, metadata: batch.metadata, owned: true };
    } catch (error) {
      if (error instanceof ProtobufError) return Outcome.malformed;
      throw error;
    }
  }

  const input: Consumer<Flow> = {
    consume: (batch) =>
      stopped ? Outcome.stopping : remade.pass(batch as Lines, ctx.next.logs, () => convert(batch as Lines)),
  };
  return {
    input,
    start() {},
    update() {},
    stop() {
      stopped = true;
      return Promise.resolve();
    },
  };
}
