/** remote.http: fetches its URL, again and again. */
import { fetchWith } from '#components/kit/blocks/http-client.ts';
import type { Provider, ProviderContext } from '#components/kit/component.ts';
import { secretOf } from '#components/kit/secret.ts';
import { MAX_FILE_BYTES } from '#components/kit/watch/file.ts';
import { PollingProvider } from '#components/kit/watch/polling-provider.ts';
import type { Args, Exports } from './schema.ts';

export function create(args: Args, ctx: ProviderContext<Exports>): Provider<Exports> {
  const { client, url, method, headers, body, poll_timeout, is_secret } = args;
  const request = { url, method, headers, body, timeoutMs: poll_timeout, maxBytes: MAX_FILE_BYTES };
  return new PollingProvider(ctx, {
    everyMs: args.poll_frequency,
    read: async (signal) => {
      const text = (await fetchWith(client, request, signal)).toString();
      return { content: is_secret ? secretOf(text) : text };
    },
  });
}
