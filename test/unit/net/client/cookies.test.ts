import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieJar } from '#net/client/cookies.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

const URL_A = new URL('https://a.example.org/v1/traces');

function header(setCookie: string | readonly string[], url: string, base = URL_A): string {
  const jar = new CookieJar(new FakeClock());
  jar.take(base, typeof setCookie === 'string' ? [setCookie] : setCookie);
  return jar.header(new URL(url));
}

const CASES = [
  ['a=1', 'https://a.example.org/v1/traces', 'a=1'],
  ['a=1', 'https://a.example.org/v1/metrics', 'a=1'],
  ['a=1', 'https://a.example.org/other', ''],
  ['a=1', 'https://b.example.org/v1/traces', ''],
  ['a=1; Domain=example.org; Path=/', 'https://b.example.org/', 'a=1'],
  ['a=1; Domain=.example.org; Path=/', 'https://b.example.org/', 'a=1'],
  ['a=1; Domain=other.org; Path=/', 'https://other.org/', ''],
  ['a=1; Domain=org; Path=/', 'https://b.org/', ''],
  ['a=1; Path=/v1', 'https://a.example.org/v1', 'a=1'],
  ['a=1; Path=/v1', 'https://a.example.org/v10', ''],
  ['a=1; Secure; Path=/', 'http://a.example.org/', ''],
  ['a=1; Secure; Path=/', 'https://a.example.org/', 'a=1'],
  ['a=1; Max-Age=0; Path=/', 'https://a.example.org/', ''],
  ['a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Path=/', 'https://a.example.org/', ''],
  ['a=x=y; HttpOnly; Path=/', 'https://a.example.org/', 'a=x=y'],
  ['no equals sign', 'https://a.example.org/v1/traces', ''],
] as const;
for (const [set, url, expected] of CASES)
  test(`"${set}" gives ${url} "${expected}"`, () => assert.equal(header(set, url), expected));

test('a cookie replaces the one of its name, expires, and is removed by Max-Age=0', async () => {
  const clock = new FakeClock();
  const jar = new CookieJar(clock);
  jar.take(URL_A, ['a=1; Max-Age=10; Path=/', 'b=2; Path=/']);
  jar.take(URL_A, ['a=3; Max-Age=10; Path=/']);
  assert.equal(jar.header(URL_A), 'b=2; a=3');
  await clock.advance(10_000);
  assert.equal(jar.header(URL_A), 'b=2');
  jar.take(URL_A, ['b=; Max-Age=0; Path=/']);
  assert.equal(jar.header(URL_A), '');
});

test('the jar holds 64 cookies, the newest, and none over 4 KiB', () => {
  const jar = new CookieJar(new FakeClock());
  jar.take(URL_A, [...Array.from({ length: 100 }, (_, i) => `c${i}=1`), `big=${'x'.repeat(5000)}`]);
  const kept = jar.header(URL_A).split('; ');
  assert.equal(kept.length, 64);
  assert.deepEqual([kept[0], kept.at(-1)], ['c36=1', 'c99=1']);
});
