/** `import.http`: what a server answers. */
import { fetchWith, httpClientBlock } from '#components/kit/blocks/http-client.ts';
import { httpUrlProblem } from '#components/kit/blocks/endpoint.ts';
import { MAX_FILE_BYTES } from '#components/kit/watch/file.ts';
import { PollingProvider } from '#components/kit/watch/polling-provider.ts';
import { attr, block, body } from '#config/schema/schema.ts';
import { duration, map, string } from '#config/schema/types.ts';
import { importBlock } from './import-block.ts';

export const importHttp = importBlock({
  name: 'import.http',
  stability: 'generally-available',
  summary: 'Imports custom components from an HTTP server.',
  local: false,
  args: body(
    {
      url: attr(string, { required: true, doc: 'The URL of the module.' }),
      method: attr(string, { default: 'GET', doc: 'Method of the request.' }),
      headers: attr(map(string), { default: {}, doc: 'Headers of the request.' }),
      body: attr(string, { default: '', doc: 'Body of the request.' }),
      poll_frequency: attr(duration, { default: 60_000, doc: 'Time between two requests.' }),
      poll_timeout: attr(duration, { default: 10_000, doc: 'Longest time that a request may take.' }),
      client: block(httpClientBlock, { doc: 'Authentication, TLS and proxies.' }),
    },
    (a, error) => {
      const problem = httpUrlProblem(a.url);
      if (problem !== null) error('url', `url ${problem}`);
      if (a.poll_frequency <= 0) error('poll_frequency', 'poll_frequency must be greater than 0');
      if (a.poll_timeout <= 0) error('poll_timeout', 'poll_timeout must be greater than 0');
    },
  ),
  create: ({ client, url, method, headers, body: content, poll_frequency, poll_timeout }, ctx) => {
    const request = { url, method, headers, body: content, timeoutMs: poll_timeout, maxBytes: MAX_FILE_BYTES };
    const name = url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
    return new PollingProvider(ctx, {
      everyMs: poll_frequency,
      read: async (signal) => ({ sources: [{ name, bytes: await fetchWith(client, request, signal) }], path: '' }),
    });
  },
});
