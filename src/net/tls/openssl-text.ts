/** What OpenSSL says, as a person can read it: `4006...:error:0A00010B:SSL routines:FUNCTION:REASON:FILE:LINE:...` is its REASON. */
import { errorText } from '#shared/errors.ts';

const LONGEST = 300;

/** The text of any error as one line; of an OpenSSL error only the reason, without pointers and paths. */
export function readableText(error: unknown): string {
  const text = errorText(error);
  const reason = /error:[0-9a-fA-F]+:[^:]*:[^:]*:([^:\n]+)/.exec(text)?.[1] ?? text;
  return reason.replace(/\s+/g, ' ').trim().slice(0, LONGEST);
}
