import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticator } from '#main/admin/basic-auth.ts';
import { http } from '#main/graph/blocks/http.ts';
import { argsOf } from '#test/support/decode-args.ts';

const auth = (filter = ''): ReturnType<typeof authenticator> =>
  authenticator(argsOf(http.args, `auth {\nbasic {\nusername = "u"\npassword = "p:q"\n}\n${filter}\n}`).auth);
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test('the right name and password, written in every way that is right', () => {
  const allowed = auth();
  for (const header of [basic('u:p:q'), basic('u:p:q').replace('Basic', 'bAsIc'), basic('u:p:q').replace(' ', '   ')])
    assert.equal(allowed('/', header), true, header);
});

test('everything else', () => {
  const allowed = auth();
  for (const header of [
    '',
    'Basic',
    'Basic ',
    'Basic !',
    basic(''),
    basic('u'),
    basic('u:p'),
    basic('u:p:q '),
    basic('U:p:q'),
    basic(':p:q'),
    basic('u:p:q').replace('Basic', 'Bearer'),
    `${basic('u:p:q')} x`,
    basic('x'.repeat(100_000)),
  ])
    assert.equal(allowed('/', header), false, header.slice(0, 40));
});

test('the filter: beginnings of paths, either way', () => {
  const only = auth('filter { paths = ["/metrics", "/api/"] }');
  assert.deepEqual(
    ['/metrics', '/metricsx', '/api/x', '/api', '/'].map((path) => only(path, '')),
    [false, false, false, true, true],
  );
  const allBut = auth('filter {\npaths = ["/metrics"]\nauthenticate_matching_paths = false\n}');
  assert.deepEqual(
    ['/metrics', '/', '/-/reload'].map((path) => allBut(path, '')),
    [true, false, false],
  );
  assert.equal(auth('filter { }')('/', ''), true, 'a filter without paths matches nothing');
});

test('without basic everybody may', () => {
  assert.equal(authenticator(undefined)('/', ''), true);
  assert.equal(authenticator(argsOf(http.args, 'auth { filter { paths = ["/"] } }').auth)('/', ''), true);
});
