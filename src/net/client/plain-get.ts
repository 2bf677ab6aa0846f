/** One GET for a short text, without a pool: asking a process on the same machine how it is. */
import { get } from 'node:http';
import { get as getTls } from 'node:https';
import { MillraceError } from '#shared/errors.ts';

export interface PlainAnswer {
  readonly status: number;
  readonly body: string;
}

/** Longer answers are cut. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Rejects with a MillraceError when there is no answer within `timeoutMs`. With `https` any certificate is taken: it is the way
 * to this machine's own process, and nothing secret goes there.
 */
export async function plainGet(url: string, timeoutMs: number): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      // Of a name with several addresses the error is one of several, without words.
      const text = error.name === 'AbortError' ? `no answer within ${timeoutMs} ms` : error.message || error.code;
      reject(new MillraceError('no_answer', `${url}: ${text}`, { cause: error }));
    };
    const options = { agent: false, signal: AbortSignal.timeout(timeoutMs), rejectUnauthorized: false };
    const request = (url.startsWith('https:') ? getTls : get)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        if (bytes < MAX_BODY_BYTES) chunks.push(chunk);
        bytes += chunk.length;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES) }),
      );
      response.on('error', fail);
    });
    request.on('error', fail);
  });
}

/** Whether somebody was there and spoke something else than HTTP. */
export function isForeign(thrown: unknown): boolean {
  const code = thrown instanceof MillraceError ? ((thrown.cause as NodeJS.ErrnoException).code ?? '') : '';
  return code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('HPE_');
}
