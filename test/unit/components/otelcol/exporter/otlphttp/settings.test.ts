import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args } from '#components/otelcol/exporter/otlphttp/schema.ts';
import { httpSettings, routing } from '#components/otelcol/exporter/otlphttp/settings.ts';
import { argsOf } from '#test/support/decode-args.ts';

const routes = (client: string, rest = '', env: Record<string, string> = {}) =>
  routing(argsOf(args, `client {\n${client}\n}\n${rest}`), env);
const urls = (client: string, rest = '') => routes(client, rest).destinations.map((d) => d?.url.href ?? null);

test('URLs: endpoint plus path, its slash not doubled, own endpoints verbatim', () => {
  assert.deepEqual(urls('endpoint = "http://a:4318"'), [
    'http://a:4318/v1/traces',
    'http://a:4318/v1/metrics',
    'http://a:4318/v1/logs',
  ]);
  assert.deepEqual(urls('endpoint = "http://a/otlp/"'), [
    'http://a/otlp/v1/traces',
    'http://a/otlp/v1/metrics',
    'http://a/otlp/v1/logs',
  ]);
  assert.deepEqual(urls('endpoint = ""', 'metrics_endpoint = "https://m/write/?x=1"'), [
    null,
    'https://m/write/?x=1',
    null,
  ]);
  assert.deepEqual(urls('endpoint = "http://a"', 'traces_endpoint = "http://t/"'), [
    'http://t/',
    'http://a/v1/metrics',
    'http://a/v1/logs',
  ]);
});
test('headers: type by encoding, configured ones replace ours', () => {
  assert.equal(routes('endpoint = "http://a"').headers['content-type'], 'application/x-protobuf');
  assert.equal(routes('endpoint = "http://a"', 'encoding = "json"').headers['content-type'], 'application/json');
  const { headers } = routes('endpoint = "http://a"\nheaders = { "User-Agent" = "me", "X-Scope-OrgID" = "1" }');
  assert.deepEqual([headers['user-agent'], headers['x-scope-orgid']], ['me', '1']);
});
test('proxy_url wins over the environment, which goes by scheme and NO_PROXY', () => {
  const env = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2', NO_PROXY: 'near' };
  const proxies = (client: string, rest = '') =>
    routes(client, rest, env).destinations.map((d) => d?.proxy?.host ?? null);
  assert.deepEqual(
    proxies('endpoint = "http://a"', 'traces_endpoint = "https://b/x"\nlogs_endpoint = "http://near/x"'),
    ['secure', 'plain', null],
  );
  assert.deepEqual(proxies('endpoint = "http://near"\nproxy_url = "http://own:3"'), ['own', 'own', 'own']);
});
test('TLS settings are read only for https URLs; insecure does not switch it off there', () => {
  const tls = (url: string) => {
    const a = argsOf(args, `client {\nendpoint = "${url}"\ntls { insecure = true }\n}`);
    return httpSettings(a, routing(a, {})).tls;
  };
  assert.equal(tls('http://a'), null);
  assert.equal(tls('https://a')?.skipVerify, false);
});
