/** User and password of a URL as HTTP sends them (RFC 7617). */
import { MillraceError } from '#shared/errors.ts';

/**
 * The value of Authorization or Proxy-Authorization for the user and password that `url` holds; '' = it holds none. `what`
 * names the setting in the MillraceError for text that is not percent-encoded right; the URL itself stays unsaid.
 */
export function basicAuthorization(url: URL, what: string): string {
  if (url.username === '' && url.password === '') return '';
  return basicHeader(unescaped(url.username, what), unescaped(url.password, what));
}

export const basicHeader = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

function unescaped(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MillraceError(
      'url_user',
      `${what} holds a "%" in its user or password that is not part of a %XX; write %25`,
    );
  }
}
