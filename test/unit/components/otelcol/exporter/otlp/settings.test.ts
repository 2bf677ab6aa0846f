import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args } from '#components/otelcol/exporter/otlp/schema.ts';
import { grpcSettings } from '#components/otelcol/exporter/otlp/settings.ts';
import { argsOf } from '#test/support/decode-args.ts';

const settings = (client: string, env: Record<string, string> = {}) =>
  grpcSettings(argsOf(args, `client {\n${client}\n}`), env);

test('insecure means no TLS, unless an authority is configured', () => {
  assert.equal(settings('endpoint = "a:1"\ntls { insecure = true }').tls, null);
  assert.notEqual(settings('endpoint = "a:1"\ntls {\ninsecure = true\nca_file = "x"\n}').tls, null);
  assert.equal(settings('endpoint = "a:1"').tls?.skipVerify, false);
});
test("keepalive: absent, without a wait, with grpc-go's smallest wait and default timeout", () => {
  const of = (block: string) => settings(`endpoint = "a:1"\nkeepalive {\n${block}\n}`).keepalive;
  assert.equal(settings('endpoint = "a:1"').keepalive, null);
  assert.equal(of('ping_without_stream = true'), null);
  assert.deepEqual(of('ping_wait = "1s"'), { pingWaitMs: 10_000, pingTimeoutMs: 20_000, withoutCalls: false });
  assert.deepEqual(of('ping_wait = "30s"\nping_response_timeout = "3s"\nping_without_stream = true'), {
    pingWaitMs: 30_000,
    pingTimeoutMs: 3_000,
    withoutCalls: true,
  });
});
test('HTTPS_PROXY is followed with and without TLS, not for Unix sockets', () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128', HTTP_PROXY: 'http://other:1', NO_PROXY: 'near' };
  assert.equal(settings('endpoint = "a:1"\ntls { insecure = true }', env).proxy?.host, 'proxy');
  assert.equal(settings('endpoint = "near:1"', env).proxy, null);
  assert.equal(settings('endpoint = "unix:///x"', env).proxy, null);
});
