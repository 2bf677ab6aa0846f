/** What lies behind a URL. Facts: grafana/alloy `internal/component/remote/http`. */
import { fetchSettings } from '#components/kit/blocks/http-client.ts';
import type { CreateProvider } from '#components/kit/component.ts';
import { contentOf, textOf } from '#components/kit/watch/content.ts';
import { polled } from '#components/kit/watch/polled.ts';
import { MAX_CONTENT_BYTES } from '#components/kit/watch/read-file.ts';
import { HttpFetch, type FetchRequest } from '#net/client/http-fetch.ts';
import { shownUrl } from '#net/client/http-url.ts';
import type { Args, Exports } from './schema.ts';

export const create: CreateProvider<Args, Exports> = (args, ctx) => {
  const client = new HttpFetch(fetchSettings(args.client, process.env), ctx.clock);
  const request: FetchRequest = {
    url: args.url,
    method: args.method,
    headers: args.headers,
    body: args.body,
    timeoutMs: args.poll_timeout,
    maxBytes: MAX_CONTENT_BYTES,
  };
  const exported = (text: string): Exports => ({ content: contentOf(text, args.is_secret) });
  const text = polled<string>(
    {
      everyMs: args.poll_frequency,
      settleMs: 0,
      wellText: 'polled endpoint',
      failedText: 'polling failed',
      look: async (signal) => textOf(await client.fetch(request, signal), `the answer of ${shownUrl(args.url)}`).trim(),
      same: (a, b) => a === b,
    },
    { ...ctx, publish: (content) => ctx.publish(exported(content)) },
  );
  return { start: async () => exported(await text.start()), stop: () => text.stop() };
};
