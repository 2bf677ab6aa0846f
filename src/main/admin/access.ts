/** Who may use the admin server: basic authentication (RFC 7617) for all paths or some. */
import { timingSafeEqual, createHash } from 'node:crypto';
import type { HttpSettings } from '../graph/blocks/http.ts';

/** Whether a request with this Authorization header may have this path. */
export function mayUse({ auth }: HttpSettings, path: string, authorization: string | undefined): boolean {
  if (auth?.basic === undefined || !needsAuthentication(auth.filter, path)) return true;
  const { username, password } = auth.basic;
  const wanted = Buffer.from(`${username}:${password.secret}`).toString('base64');
  const given = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '')?.[1] ?? '';
  // Of equal length, so that the time says nothing of the password.
  return timingSafeEqual(digest(given), digest(wanted));
}

function needsAuthentication(filter: NonNullable<HttpSettings['auth']>['filter'], path: string): boolean {
  if (filter === undefined) return true;
  return filter.paths.some((start) => path.startsWith(start)) === filter.authenticate_matching_paths;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
