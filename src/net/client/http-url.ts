import { MillraceError } from '#shared/errors.ts';
import { basicAuthorization } from './basic-auth.ts';

export interface HttpTarget {
  /** Without user and password. */
  readonly url: URL;
  /** Value of Authorization for the user and password in the URL, as Go's client sends it; '' = there are none. */
  readonly authorization: string;
}

/** An absolute http or https URL. Throws a {@link MillraceError} that begins with the text in quotes, its password left out. */
export function parseHttpUrl(text: string): HttpTarget {
  const shown = withoutUser(text);
  if (!/^https?:\/\/[^/?#]/i.test(text))
    throw new MillraceError('http_url', `"${shown}" must be a URL that starts with http:// or https://`);
  const url = URL.parse(text);
  if (url === null) throw new MillraceError('http_url', `"${shown}" is not a URL: check its host and port`);
  const authorization = basicAuthorization(url, `"${shown}"`);
  url.username = '';
  url.password = '';
  return { url, authorization };
}

const withoutUser = (text: string): string => text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1***@');

/** For messages: without password, and without the query, which may hold a token. */
export const shownUrl = (text: string): string => withoutUser(text).replace(/[?#].*$/s, '');
