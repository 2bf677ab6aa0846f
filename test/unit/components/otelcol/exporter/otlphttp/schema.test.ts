import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args } from '#components/otelcol/exporter/otlphttp/schema.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';

const problems = (client: string, rest = ''): readonly string[] =>
  decodeArgs(args, `client {\n${client}\n}\n${rest}`).problems;

test("the smallest configuration has Alloy's defaults", () => {
  const a = argsOf(args, 'client { endpoint = "http://tempo:4318" }');
  assert.equal(a.encoding, 'proto');
  assert.equal(a.client.timeout, 30_000);
  assert.equal(a.client.compression, 'gzip');
  assert.equal(a.client.idle_conn_timeout, 90_000);
  assert.equal(a.client.force_attempt_http2, true);
  assert.equal(a.client.cookies.enabled, false);
  assert.equal(a.client.compression_params, undefined);
});

test('one endpoint at least', () => {
  assert.deepEqual(problems('endpoint = ""'), [
    '1: set endpoint, or at least one of traces_endpoint, metrics_endpoint and logs_endpoint',
  ]);
  assert.deepEqual(problems('endpoint = ""', 'traces_endpoint = "http://tempo/traces"'), []);
});
test('mistakes are reported at their lines', () => {
  assert.deepEqual(problems('endpoint = "tempo:4318"'), [
    '2: endpoint "tempo:4318" must be a URL that starts with http:// or https://',
  ]);
  assert.deepEqual(problems('endpoint = "http://a"', 'logs_endpoint = "a/b"'), [
    '4: logs_endpoint "a/b" must be a URL that starts with http:// or https://',
  ]);
  assert.deepEqual(problems('endpoint = "http://a"\nproxy_url = "socks5://p:1"'), [
    '3: proxy_url is not the URL of an HTTP proxy; write http://HOST:PORT',
  ]);
  assert.deepEqual(problems('endpoint = "http://a:99999"'), [
    '2: endpoint "http://a:99999" is not a URL: check its host and port',
  ]);
  assert.deepEqual(
    problems('endpoint = "http://a"\nheaders = { "bad header" = "x", ok = "a\\nb", te = "1", fine = "1" }'),
    [
      '3: the header "bad header" cannot be sent: its name or value holds characters that HTTP does not allow',
      '3: the header "ok" cannot be sent: its name or value holds characters that HTTP does not allow',
      '3: the header "te" cannot be configured: HTTP sets it itself',
    ],
  );
  assert.deepEqual(problems('endpoint = "http://a"\ntimeout = "-1s"'), ['3: timeout must not be negative']);
  assert.deepEqual(problems('endpoint = "http://a"', 'encoding = "xml"'), [
    '4: "xml" should be one of "proto", "json"',
  ]);
});
const LEVELS = [
  ['gzip', 9, true],
  ['gzip', 10, false],
  ['zlib', -2, true],
  ['deflate', -3, false],
  ['zstd', 19, true],
  ['snappy', 1, false],
  ['snappy', 0, true],
  ['none', 5, false],
] as const;
for (const [compression, level, good] of LEVELS) {
  test(`compression ${compression} ${good ? 'takes' : 'refuses'} level ${level}`, () => {
    const found = problems(
      `endpoint = "http://a"\ncompression = "${compression}"\ncompression_params { level = ${level} }`,
    );
    assert.equal(found.length, good ? 0 : 1, found.join());
    if (!good) assert.match(found[0] ?? '', /^4: /);
  });
}
