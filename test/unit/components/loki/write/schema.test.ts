import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args as schema } from '#components/loki/write/schema.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';

test('the defaults are those of Alloy', () => {
  const { endpoint } = argsOf(schema, 'endpoint {\n url = "http://loki:3100/loki/api/v1/push"\n}');
  const [one] = endpoint;
  assert.deepEqual(
    [one.batch_wait, one.batch_size, one.remote_timeout, one.min_backoff_period, one.max_backoff_period],
    [1000, 1048576, 10_000, 500, 300_000],
  );
  assert.deepEqual([one.max_backoff_retries, one.retry_on_http_429, one.follow_redirects], [10, true, true]);
  assert.deepEqual(one.queue_config.capacity, 10 * 1024 * 1024);
});

const CASES: readonly [text: string, problem: RegExp][] = [
  ['endpoint { }', /missing required attribute "url"/],
  ['endpoint {\n url = "loki:3100"\n}', /^2: url "loki:3100" must be a URL/],
  ['endpoint {\n url = "http://l"\n batch_wait = "0s"\n}', /batch_wait must be greater than 0/],
  ['endpoint {\n url = "http://l"\n headers = { "a b" = "c" }\n}', /cannot be sent/],
  ['endpoint {\n url = "http://l"\n tenant_id = "a\\nb"\n}', /cannot be sent/],
  [
    'endpoint {\n url = "http://l"\n bearer_token = "a"\n basic_auth {\n username = "u"\n }\n}',
    /at most one of basic_auth/,
  ],
  ['endpoint {\n url = "http://l"\n queue_config {\n capacity = "0B"\n }\n}', /capacity must be greater than 0/],
  [
    'endpoint {\n url = "http://l"\n name = "x"\n}\nendpoint {\n url = "http://m"\n name = "x"\n}',
    /two endpoints are named "x"/,
  ],
  ['max_streams = -1', /max_streams must not be negative/],
];

for (const [text, problem] of CASES)
  test(`a mistake: ${text.replaceAll('\n', ' ')}`, () =>
    assert.match(decodeArgs(schema, text).problems.join('\n'), problem));
