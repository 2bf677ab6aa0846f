/** Configured request headers that cannot be sent, one message each. Values stay unsaid, they may be secret. */
import { metadataHeaders } from '#net/client/grpc-headers.ts';
import { checkHeaders } from '#net/client/http-headers.ts';
import { problemOf } from './problem.ts';

type Headers = Readonly<Record<string, string>>;

export const grpcHeaderProblems = (headers: Headers): readonly string[] => problems(headers, metadataHeaders);
export const httpHeaderProblems = (headers: Headers): readonly string[] => problems(headers, checkHeaders);

function problems(headers: Headers, check: (one: Headers) => unknown): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => problemOf(() => check({ [name]: value })) ?? []);
}
