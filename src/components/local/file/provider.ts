/** local.file: reads its file, again when it changes. */
import type { Provider, ProviderContext } from '#components/kit/component.ts';
import { readBounded, watchPath } from '#components/kit/watch/file.ts';
import { PollingProvider } from '#components/kit/watch/polling-provider.ts';
import { secretOf } from '#components/kit/secret.ts';
import type { Args, Exports } from './schema.ts';

export function create(args: Args, ctx: ProviderContext<Exports>): Provider<Exports> {
  const { filename, detector, is_secret, poll_frequency } = args;
  return new PollingProvider(ctx, {
    everyMs: poll_frequency,
    read: async () => {
      const text = (await readBounded(filename)).toString();
      return { content: is_secret ? secretOf(text) : text };
    },
    ...(detector === 'fsnotify' ? { watch: (changed: () => void) => watchPath(filename, changed) } : {}),
  });
}
