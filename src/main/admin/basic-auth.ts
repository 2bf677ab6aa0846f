/**
 * HTTP Basic authentication of the admin server (RFC 7617). Which paths need it: grafana/alloy v1.18
 * `internal/service/http/auth.go`.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthArgs } from '../graph/blocks/http.ts';

/** Whether a request may go on. `path` is percent-decoded; `authorization` is the header, '' when absent. */
export type Authenticator = (path: string, authorization: string) => boolean;

/** The challenge of a 401. */
export const CHALLENGE = 'Basic realm="Restricted"';

export function authenticator(args: AuthArgs | undefined): Authenticator {
  if (args?.basic === undefined) return () => true;
  const { basic, filter } = args;
  // Of equal length whatever was given, so that the time of a comparison says nothing.
  const user = digest(basic.username);
  const password = digest(basic.password.secret);
  return (path, authorization) => {
    const matches = filter?.paths.some((start) => path.startsWith(start)) ?? false;
    if (matches !== (filter?.authenticate_matching_paths ?? false)) return true;
    const given = credentials(authorization);
    if (given === null) return false;
    const sameUser = timingSafeEqual(digest(given.user), user);
    const samePassword = timingSafeEqual(digest(given.password), password);
    return sameUser && samePassword;
  };
}

/** Whether the settings ask for a password and then ask nobody for it. */
export function guardsNothing(args: AuthArgs | undefined): boolean {
  const filter = args?.filter;
  if (args?.basic === undefined || filter === undefined) return false;
  return filter.authenticate_matching_paths
    ? filter.paths.length === 0
    : filter.paths.some((start) => '/'.startsWith(start));
}

function credentials(authorization: string): { readonly user: string; readonly password: string } | null {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
