/** The arguments with which a URL is polled. Facts: grafana/alloy `internal/component/remote/http`. */
import { attr, block, type Infer, type BodySchema } from '#config/schema/schema.ts';
import { duration, map, string } from '#config/schema/types.ts';
import { httpUrlProblem } from './endpoint.ts';
import { httpHeaderProblems } from './headers.ts';
import { httpClientBlock } from './http-client.ts';

export const httpPollArguments = {
  url: attr(string, { required: true, doc: 'URL to poll.' }),
  poll_frequency: attr(duration, { default: 60_000, doc: 'How often the URL is polled.' }),
  poll_timeout: attr(duration, { default: 10_000, doc: 'Time to wait for an answer.' }),
  method: attr(string, { default: 'GET', doc: 'Method of the request.' }),
  headers: attr(map(string), { default: {}, doc: 'Headers of the request.' }),
  body: attr(string, { default: '', doc: 'Body of the request.' }),
  client: block(httpClientBlock, { doc: 'The HTTP client.' }),
} as const;
export type HttpPollArgs = Infer<BodySchema<typeof httpPollArguments>>;

export function checkHttpPoll(
  args: HttpPollArgs,
  error: (key: keyof typeof httpPollArguments, message: string) => void,
): void {
  if (args.poll_frequency <= 0) error('poll_frequency', 'poll_frequency must be greater than 0');
  if (args.poll_timeout <= 0) error('poll_timeout', 'poll_timeout must be greater than 0');
  else if (args.poll_frequency > 0 && args.poll_timeout >= args.poll_frequency)
    error('poll_timeout', 'poll_timeout must be less than poll_frequency');
  const url = httpUrlProblem(args.url);
  if (url !== null) error('url', `url ${url}`);
  // A token (RFC 9110 5.6.2). CONNECT asks for a tunnel.
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(args.method) || args.method.toUpperCase() === 'CONNECT')
    error('method', `method "${args.method}" cannot be sent`);
  for (const problem of httpHeaderProblems(args.headers)) error('headers', problem);
}
