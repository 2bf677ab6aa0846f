/** otelcol.exporter.loki in a worker. Keeps nothing: what comes in goes out as lines, or is refused as those are. */
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { droppedCounter } from '#components/kit/exporter/instruments.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { Remade } from '#components/kit/remade.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, LOKI, type Signal } from '#shared/signal.ts';
import { linesOf } from './convert.ts';
import type { Args } from './schema.ts';

/** What {@link linesOf} makes no line of. */
const FAILURES = 'NaN or an infinity in JSON, a logfmt key without a character, or an unknown loki.format';

export function create(_args: Args, ctx: WorkerContext): WorkerPart<Args> {
  const { meter, clock } = ctx;
  // Alloy's names: only the first ends in _total.
  const counter = (name: string, help: string) => meter.counter({ name: `otelcol_exporter_loki_${name}`, help });
  const total = counter('entries_total', 'Total number of log entries passed through the converter');
  const failed = counter('entries_failed', 'Total number of log entries failed to convert');
  const processed = counter('entries_processed', 'Total number of log entries successfully converted');
  const dropped = droppedCounter(meter, LOGS, 'encoding');
  const log = new LimitedLog(ctx.log, clock);
  const remade = new Remade<Signal, typeof LOKI>();
  let stopped = false;

  function convert(batch: Batch): Batch<typeof LOKI> | Outcome {
    try {
      const lines = linesOf(batch.bytes, BigInt(Math.round(clock.now())) * 1_000_000n);
      total.add(lines.items + lines.failed);
      processed.add(lines.items);
      if (lines.failed > 0) {
        failed.add(lines.failed);
        dropped.add(lines.failed);
        log.event('error', 'failed to convert log to loki entry', lines.failed, { reason: FAILURES });
      }
      if (lines.items === 0) return Outcome.accepted;
      return { signal: LOKI, bytes: lines.bytes, items: lines.items, metadata: batch.metadata, owned: true };
    } catch (error) {
      if (error instanceof ProtobufError) return Outcome.malformed;
      throw error;
    }
  }

  const input: Consumer = {
    consume: (batch) => (stopped ? Outcome.stopping : remade.pass(batch, ctx.next.loki, () => convert(batch))),
  };
  return {
    input,
    start() {},
    update() {},
    stop() {
      stopped = true;
      log.flush();
      return Promise.resolve();
    },
  };
}
