import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args } from '#components/otelcol/exporter/otlp/schema.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';

const problems = (client: string, rest = ''): readonly string[] =>
  decodeArgs(args, `client {\n${client}\n}\n${rest}`).problems;

test("the smallest configuration has Alloy's defaults", () => {
  const a = argsOf(args, 'client { endpoint = "tempo:4317" }');
  assert.equal(a.timeout, 5000);
  assert.equal(a.client.compression, 'gzip');
  assert.equal(a.client.balancer_name, 'round_robin');
  assert.equal(a.client.write_buffer_size, 524_288);
  assert.equal(a.client.keepalive, undefined);
  assert.equal(a.client.tls.insecure, false);
  assert.equal(a.sending_queue.num_consumers, 10);
  assert.equal(a.retry_on_failure.initial_interval, 5000);
});

for (const endpoint of [
  'tempo:4317',
  '[::1]:4317',
  'dns:///tempo:4317',
  'http://tempo:4317',
  'https://tempo:4317/',
  'unix:///run/x.sock',
]) {
  test(`endpoint ${endpoint} is taken`, () => assert.deepEqual(problems(`endpoint = "${endpoint}"`), []));
}
test('mistakes are reported at their lines', () => {
  assert.deepEqual(problems(''), ['1: missing required attribute "endpoint"']);
  assert.deepEqual(problems('endpoint = ""'), ['2: endpoint must not be empty']);
  assert.deepEqual(problems('endpoint = "tempo"'), ['2: endpoint "tempo" must end in a port, as in "host:4317"']);
  assert.deepEqual(problems('endpoint = "a:99999"'), ['2: "a:99999" is not a gRPC endpoint: 99999 is not a port']);
  for (const endpoint of ['ftp://x:4', 'a:b:1', 'dns://8.8.8.8/a:1', 'unix:'])
    assert.match(problems(`endpoint = "${endpoint}"`).join(), /^2: ".*" is not a gRPC endpoint: /);
  assert.deepEqual(problems('endpoint = "a:1"\nheaders = { "bad header" = "x", ok = "a\\nb", fine = "1" }'), [
    '3: "bad header" cannot be a gRPC header name: use letters, digits and -_.',
    '3: the value of the gRPC header "ok" holds characters other than printable ASCII; name it "ok-bin" to send any bytes',
  ]);
  assert.deepEqual(problems('endpoint = "a:1"\ntls { ca_pem = "garbage" }'), ['3: ca_pem holds no PEM certificate']);
  assert.deepEqual(problems('endpoint = "tempo:4317"\ncompression = "lz4"'), [
    '3: "lz4" should be one of "gzip", "zlib", "deflate", "snappy", "zstd", "none", ""',
  ]);
  assert.deepEqual(problems('endpoint = "tempo:4317"', 'timeout = "-1s"'), ['4: timeout must not be negative']);
  assert.deepEqual(problems('endpoint = "tempo:4317"\nauth = "x"'), [
    '3: "x" otelcol.auth.* components are not available yet',
  ]);
});
