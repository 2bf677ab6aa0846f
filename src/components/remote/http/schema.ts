/** Arguments and exports of remote.http. */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, map, secretOrString, string } from '#config/schema/types.ts';
import { httpClientBlock } from '#components/kit/blocks/http-client.ts';
import { httpUrlProblem } from '#components/kit/blocks/endpoint.ts';

export const args = body(
  {
    url: attr(string, { required: true, doc: 'The URL to fetch.' }),
    body: attr(string, { default: '', doc: 'Body of the request.' }),
    headers: attr(map(string), { default: {}, doc: 'Headers of the request.' }),
    is_secret: attr(bool, { default: false, doc: 'Whether the content is exported as a secret.' }),
    method: attr(string, { default: 'GET', doc: 'Method of the request.' }),
    poll_frequency: attr(duration, { default: 60_000, doc: 'Time between two requests.' }),
    poll_timeout: attr(duration, { default: 10_000, doc: 'Longest time that a request may take.' }),
    client: block(httpClientBlock, { doc: 'Authentication, TLS and proxies.' }),
  },
  (a, error) => {
    const problem = httpUrlProblem(a.url);
    if (problem !== null) error('url', `url ${problem}`);
    if (a.poll_frequency <= 0) error('poll_frequency', 'poll_frequency must be greater than 0');
    if (a.poll_timeout <= 0) error('poll_timeout', 'poll_timeout must be greater than 0');
    if (a.poll_timeout >= a.poll_frequency && a.poll_frequency > 0)
      error('poll_timeout', 'poll_timeout must be less than poll_frequency');
    if (!/^[A-Z]+$/.test(a.method)) error('method', `"${a.method}" is no method of HTTP`);
  },
);
export type Args = Infer<typeof args>;

export const exports = body({
  content: attr(secretOrString, {
    required: true,
    doc: 'The body of the last good answer; a secret with `is_secret`.',
  }),
});
export type Exports = Infer<typeof exports>;
