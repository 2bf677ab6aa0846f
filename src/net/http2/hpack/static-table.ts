/** The static table (RFC 7541 appendix A). */
import type { HeaderField } from './field.ts';

const LINES = `
  :authority
  :method GET
  :method POST
  :path /
  :path /index.html
  :scheme http
  :scheme https
  :status 200
  :status 204
  :status 206
  :status 304
  :status 400
  :status 404
  :status 500
  accept-charset
  accept-encoding gzip, deflate
  accept-language
  accept-ranges
  accept
  access-control-allow-origin
  age
  allow
  authorization
  cache-control
  content-disposition
  content-encoding
  content-language
  content-length
  content-location
  content-range
  content-type
  cookie
  date
  etag
  expect
  expires
  from
  host
  if-match
  if-modified-since
  if-none-match
  if-range
  if-unmodified-since
  last-modified
  link
  location
  max-forwards
  proxy-authenticate
  proxy-authorization
  range
  referer
  refresh
  retry-after
  server
  set-cookie
  strict-transport-security
  transfer-encoding
  user-agent
  vary
  via
  www-authenticate`;

/** Indices 1 to 61; what stands at 0 is no entry. */
export const STATIC_TABLE: readonly HeaderField[] = LINES.split('\n').map((line) => {
  const [name, ...value] = line.trim().split(' ');
  return { name, value: value.join(' ') };
});

/** The last index of the static table; the dynamic table begins after it. */
export const LAST_STATIC = STATIC_TABLE.length - 1;
