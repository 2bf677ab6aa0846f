/** The content of a file. Facts: grafana/alloy `internal/component/local/file`. */
import type { CreateProvider } from '#components/kit/component.ts';
import { contentOf, textOf } from '#components/kit/watch/content.ts';
import { FolderWatch } from '#components/kit/watch/folder-watch.ts';
import { placesOf } from '#components/kit/watch/places.ts';
import { polled, SETTLE_MS } from '#components/kit/watch/polled.ts';
import { readWhole } from '#components/kit/watch/read-file.ts';
import type { Args, Exports } from './schema.ts';

export const create: CreateProvider<Args, Exports> = (args, ctx) => {
  const { filename } = args;
  const accessed = ctx.meter.gauge({
    name: 'local_file_timestamp_last_accessed_unix_seconds',
    help: 'The last successful access in unix seconds',
    merge: 'max',
  });
  const text = polled<string>(
    {
      everyMs: args.poll_frequency,
      settleMs: SETTLE_MS,
      wellText: 'read file',
      failedText: 'failed to read file',
      async look() {
        const content = textOf(await readWhole(filename), `the content of ${filename}`);
        accessed.set(ctx.clock.now() / 1000);
        return content;
      },
      same: (a, b) => a === b,
      ...(args.detector === 'poll'
        ? {}
        : { watch: (changed) => new FolderWatch(() => placesOf(filename), changed, ctx.log) }),
    },
    { ...ctx, publish: (content) => ctx.publish(exported(content)) },
  );
  const exported = (content: string): Exports => ({ content: contentOf(content, args.is_secret) });
  return { start: async () => exported(await text.start()), stop: () => text.stop() };
};
