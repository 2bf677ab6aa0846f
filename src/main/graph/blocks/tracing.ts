/**
 * The `tracing` block: millrace's own traces. Facts: grafana/alloy v1.18 `internal/runtime/tracing/tracing.go`.
 */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, consumers, duration, int, number, string } from '#config/schema/types.ts';
import { TRACES } from '#shared/signal.ts';
import { configBlock } from './config-block.ts';

const jaegerRemoteBlock = body({
  url: attr(string, { default: 'http://127.0.0.1:5778/sampling', doc: 'Where to ask for sampling strategies.' }),
  max_operations: attr(int, { default: 256, doc: 'How many operations may have a strategy of their own.' }),
  refresh_interval: attr(duration, { default: 60_000, doc: 'How often to ask.' }),
});

const samplerBlock = body(
  {
    jaeger_remote: block(jaegerRemoteBlock, {
      optional: true,
      doc: 'Takes sampling strategies from a Jaeger server. Not available yet.',
    }),
  },
  (args, error) => {
    if (args.jaeger_remote !== undefined)
      error('jaeger_remote', 'a remote sampler is not available yet: use sampling_fraction of the tracing block');
  },
);

const args = body(
  {
    sampling_fraction: attr(number, { default: 0.1, doc: 'Share of its traces that is kept: 0 none, 1 all.' }),
    write_to: attr(consumers, { default: [], doc: 'Consumers that get the traces; without any there are none.' }),
    send_traceparent: attr(bool, {
      default: false,
      doc: 'Accepted, without effect: no request that millrace sends is part of a trace yet.',
    }),
    sampler: block(samplerBlock, { doc: 'Another way to choose the traces.' }),
  },
  ({ write_to }, error) => {
    for (const { nodeId, accepts } of write_to)
      if (!accepts.includes(TRACES)) error('write_to', `${nodeId} does not take traces`);
  },
);

export const tracing = configBlock({
  name: 'tracing',
  stability: 'generally-available',
  summary:
    "Where millrace sends traces of its own: of loading its configuration and of the admin server's requests. Components make no spans yet.",
  args,
  remarks: ({ send_traceparent }) =>
    send_traceparent ? ['no request that is sent is part of a trace yet: tracing.send_traceparent has no effect'] : [],
});

export type TracingArgs = Infer<typeof args>;
