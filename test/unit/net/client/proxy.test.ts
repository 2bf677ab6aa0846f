import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProxy, proxyFromEnvironment } from '#net/client/proxy.ts';

const PROXY = 'http://proxy.example:3128';

test('the scheme chooses the variable; upper case first, lower case next', () => {
  const env = { HTTPS_PROXY: 'http://secure:1', http_proxy: 'plain:2' };
  assert.equal(proxyFromEnvironment('https', 'tempo', 443, env)?.host, 'secure');
  assert.equal(proxyFromEnvironment('http', 'tempo', 80, env)?.host, 'plain');
  assert.equal(proxyFromEnvironment('http', 'tempo', 80, { HTTPS_PROXY: PROXY }), null);
  assert.equal(proxyFromEnvironment('https', 'tempo', 80, {}), null);
});

for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '::1']) {
  test(`${host} is never proxied`, () =>
    assert.equal(proxyFromEnvironment('https', host, 443, { HTTPS_PROXY: PROXY }), null));
}

const NO_PROXY = [
  ['*', 'tempo.example', 443, true],
  ['tempo.example', 'tempo.example', 443, true],
  ['tempo.example', 'a.tempo.example', 443, true],
  ['tempo.example', 'notempo.example', 443, false],
  ['.tempo.example', 'tempo.example', 443, false],
  ['.tempo.example', 'a.tempo.example', 443, true],
  ['*.tempo.example', 'a.tempo.example', 443, true],
  ['TEMPO.example', 'tempo.EXAMPLE', 443, true],
  ['other, tempo.example:4317', 'tempo.example', 4317, true],
  ['tempo.example:4317', 'tempo.example', 443, false],
  ['10.0.0.0/8', '10.1.2.3', 443, true],
  ['10.0.0.0/8', '11.1.2.3', 443, false],
  ['10.0.0.0/8', 'tempo.example', 443, false],
  ['10.1.2.3', '10.1.2.3', 443, true],
  ['10.1.2.3:80', '10.1.2.3', 443, false],
  ['fd00::/8', 'fd00::1', 443, true],
  ['[fd00::1]:443', 'fd00::1', 443, true],
  ['10.0.0.0/99', '10.1.2.3', 443, false],
  ['', 'tempo.example', 443, false],
] as const;
for (const [list, host, port, direct] of NO_PROXY) {
  test(`NO_PROXY "${list}" ${direct ? 'spares' : 'does not spare'} ${host}:${port}`, () => {
    const proxy = proxyFromEnvironment('https', host, port, { HTTPS_PROXY: PROXY, NO_PROXY: list });
    assert.equal(proxy === null, direct);
  });
}

test('a proxy URL gives place, TLS and credentials', () => {
  assert.deepEqual(parseProxy('http://user:p%40ss@proxy:3128', 'x'), {
    host: 'proxy',
    port: 3128,
    tls: false,
    authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
  });
  assert.deepEqual(parseProxy('https://[::1]', 'x'), { host: '::1', port: 443, tls: true, authorization: '' });
  assert.deepEqual(parseProxy('proxy', 'x'), { host: 'proxy', port: 80, tls: false, authorization: '' });
});

test('what is no HTTP proxy is an error that names the setting and not its credentials', () => {
  for (const text of ['socks5://user:secret@proxy:1080', 'http://', 'http://user:secret%zz@proxy']) {
    assert.throws(
      () => parseProxy(text, 'proxy_url'),
      (error: Error) => error.message.startsWith('proxy_url ') && !error.message.includes('secret'),
    );
  }
});
