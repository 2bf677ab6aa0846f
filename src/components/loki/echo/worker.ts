/** loki.echo in a worker: a line of the log for each line. */
import { allLabelsText } from '#codec/loki/labels.ts';
import { readLine, StreamReader } from '#codec/loki/streams.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Args } from './schema.ts';

export function create(_args: Args, { log }: WorkerContext): WorkerPart<Args> {
  let stopped = false;

  function print(bytes: Buffer): void {
    for (const streams = new StreamReader().reset(bytes); streams.next();) {
      const labels = allLabelsText(streams.labels());
      while (streams.nextEntry()) {
        const { timeNs, line, metadata } = readLine(streams.buf, streams.start, streams.stop);
        log.info('received log entry', {
          entry: line,
          entry_timestamp: timeText(timeNs),
          labels,
          structured_metadata: JSON.stringify(metadata.map(([name, value]) => ({ name, value }))),
        });
      }
    }
  }

  return {
    input: {
      consume({ bytes }) {
        if (stopped) return Outcome.stopping;
        try {
          print(bytes);
          return Outcome.accepted;
        } catch (error) {
          if (error instanceof ProtobufError) return Outcome.malformed;
          throw error;
        }
      },
    },
    start() {},
    update() {},
    stop() {
      stopped = true;
      return Promise.resolve();
    },
  };
}

const MILLISECOND = 1_000_000n;
/** What a JavaScript date can be, in milliseconds. */
const MAX_DATE = 8_640_000_000_000_000n;

/** RFC 3339 with the nanoseconds that there are: `2023-11-14T22:13:20.000000001Z`. */
function timeText(timeNs: bigint): string {
  const nanos = ((timeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const ms = (timeNs - nanos) / MILLISECOND;
  if (ms > MAX_DATE || ms < -MAX_DATE) return `${timeNs}ns`;
  const fraction = nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return new Date(Number(ms)).toISOString().replace('.000Z', `${fraction}Z`);
}
