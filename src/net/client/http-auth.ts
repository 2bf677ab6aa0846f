/** How an HTTP client says who it is (RFC 9110 11.6.2), as the Prometheus HTTP client has it configured. */
import type { Clock } from '#shared/clock.ts';
import { basicHeader } from './basic-auth.ts';
import { readCredential, type Credential } from './credential.ts';
import { sendable } from './http-headers.ts';
import { OAuth2Tokens, type OAuth2Settings } from './oauth2.ts';

export type HttpAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: Credential | null }
  | { readonly kind: 'scheme'; readonly scheme: string; readonly credentials: Credential | null }
  | { readonly kind: 'oauth2'; readonly oauth2: OAuth2Settings };

export interface Authorizer {
  /** The value of Authorization, '' = none. Files are read anew. Rejects with a MillraceError. */
  header(signal: AbortSignal): Promise<string>;
  /** The server did not accept it. */
  refused(): void;
}

export function authorizer(auth: HttpAuth, clock: Clock): Authorizer {
  if (auth.kind === 'oauth2') return new OAuth2Tokens(auth.oauth2, clock);
  return { header: () => plain(auth), refused: () => undefined };
}

async function plain(auth: Exclude<HttpAuth, { kind: 'oauth2' }>): Promise<string> {
  if (auth.kind === 'none') return '';
  if (auth.kind === 'basic') {
    const password = auth.password === null ? '' : await readCredential(auth.password, 'password_file');
    return basicHeader(auth.username, password);
  }
  const credentials = auth.credentials === null ? '' : await readCredential(auth.credentials, 'credentials_file');
  return sendable(`${auth.scheme} ${credentials}`.trim(), 'the credentials');
}
