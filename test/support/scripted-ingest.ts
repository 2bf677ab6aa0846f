/**
 * An ingest thread that runs the real receiver, with a bug in it that requests can call up:
 *
 *     x-ingest: throw    throws outside of the call after the request was offered, so it is accepted and never answered
 */
import { loadMainPart } from '#components/ingest-list.ts';
import type { CreateMainPart, ReceiverEntry } from '#components/kit/component.ts';
import type { IngestTask } from '#shared/control.ts';
import { runIngest } from '#ingest/thread.ts';

const withBug = (entry: ReceiverEntry): ReceiverEntry => ({
  admit: (signal) => entry.admit(signal),
  has: (signal) => entry.has(signal),
  offer: (signal, bytes, metadata, done) => {
    if (metadata?.get('x-ingest')?.[0] !== 'throw') return entry.offer(signal, bytes, metadata, done);
    entry.offer(signal, bytes, metadata, () => {});
    setImmediate(() => {
      throw new Error('a bug');
    });
  },
});

async function load(component: string): Promise<{ readonly create: CreateMainPart<never> }> {
  const { create } = await loadMainPart(component);
  return { create: (args, ctx) => create(args, { ...ctx, entry: withBug(ctx.entry) }) };
}

export default (task: IngestTask): Promise<void> => runIngest(task, load);
