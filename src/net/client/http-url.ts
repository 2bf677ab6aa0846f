import { MillraceError } from '#shared/errors.ts';

/** An absolute http or https URL. Throws a {@link MillraceError} that begins with the text in quotes. */
export function parseHttpUrl(text: string): URL {
  if (!/^https?:\/\/[^/?#]/i.test(text))
    throw new MillraceError('http_url', `"${text}" must be a URL that starts with http:// or https://`);
  const url = URL.parse(text);
  if (url === null) throw new MillraceError('http_url', `"${text}" is not a URL: check its host and port`);
  return url;
}
