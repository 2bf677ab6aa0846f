/** Bytes from outside as a value of the configuration. */
import { secret, type Secret } from '#config/schema/types.ts';
import { MillraceError } from '#shared/errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `what` names the bytes in the MillraceError for what is not UTF-8: a string of the configuration cannot hold it. */
export function textOf(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new MillraceError('not_utf8', `${what} is not UTF-8 text`, { cause: error });
  }
}

/** What is exported as `content`. */
export const contentOf = (text: string, isSecret: boolean): Secret | string =>
  isSecret ? (secret.decode(text) as Secret) : text;
