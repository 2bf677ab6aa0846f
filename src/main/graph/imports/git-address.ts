/**
 * Addresses of git repositories, as `git clone` takes them (git-fetch(1), GIT URLS).
 *
 *     https://[user[:password]@]host/path    http://...    ssh://[user@]host[:port]/path    git://host/path    file:///path
 *     [user@]host:path                       ssh
 *     path                                   a folder of this machine
 */
import { resolve } from 'node:path';
import { basicAuthorization } from '#net/client/basic-auth.ts';
import { shownUrl } from '#net/client/http-url.ts';
import { MillraceError } from '#shared/errors.ts';

export interface GitAddress {
  /** For git's command line: without password. */
  readonly address: string;
  readonly transport: 'file' | 'git' | 'http' | 'ssh';
  /** For messages. */
  readonly shown: string;
  /** Value of Authorization for the user and password in the address; '' = none. */
  readonly authorization: string;
}

const TRANSPORTS: Readonly<Record<string, GitAddress['transport']>> = {
  file: 'file',
  git: 'git',
  http: 'http',
  https: 'http',
  ssh: 'ssh',
  'git+ssh': 'ssh',
  'ssh+git': 'ssh',
};

/** Throws a MillraceError that says what is wrong, without a password. */
export function parseGitAddress(text: string): GitAddress {
  const fail = (why: string): never => {
    throw new MillraceError('git_address', `repository "${shownUrl(text)}" ${why}`);
  };
  // eslint-disable-next-line no-control-regex
  if (text === '' || /[\x00-\x1f]/.test(text)) return fail('is not an address');
  if (text.startsWith('-')) return fail('must not begin with "-"');
  const plain = (transport: GitAddress['transport']): GitAddress => ({
    address: text,
    transport,
    shown: text,
    authorization: '',
  });
  // <transport>::<address> runs a program of that name.
  if (/^[^/:]*::/.test(text))
    return fail('asks for a transport that is not offered: write https, http, ssh, git or file');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  // git runs in another folder.
  if (scheme === undefined) return /^[^/]*:/.test(text) ? plain('ssh') : { ...plain('file'), address: resolve(text) };
  const transport = Object.hasOwn(TRANSPORTS, scheme) ? TRANSPORTS[scheme] : undefined;
  if (transport === undefined)
    return fail('asks for a transport that is not offered: write https, http, ssh, git or file');
  if (transport === 'file') return plain(transport);
  const url = URL.parse(text);
  if (url === null || url.hostname === '') return fail('is not a URL: check its host and port');
  if (url.hostname.startsWith('-')) return fail('must not have a host that begins with "-"');
  const isHttp = transport === 'http';
  const authorization = isHttp ? basicAuthorization(url, `repository "${shownUrl(text)}"`) : '';
  url.password = '';
  if (isHttp) url.username = '';
  return { address: url.href, transport, shown: shownUrl(url.href), authorization };
}
