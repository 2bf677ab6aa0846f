import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args, type GrpcArgs, type HttpArgs } from '#components/otelcol/receiver/otlp/schema.ts';
import { Fault } from '#config/schema/fault.ts';
import { defaults, type AttrField, type BlockField, type BodySchema, type Shape } from '#config/schema/schema.ts';

const http = args.shape.http.body;
const inner = (schema: BodySchema<Shape>, name: string): BodySchema<Shape> =>
  (schema.shape[name] as BlockField<unknown>).body;
const keepalive = inner(inner(args.shape.grpc.body, 'keepalive'), 'server_parameters');

function problems(changes: Partial<HttpArgs>): string[] {
  const found: string[] = [];
  http.validate?.({ ...defaults(http), ...changes }, (key) => found.push(key));
  return found;
}

describe('arguments', () => {
  it('leave both protocols out unless their block is written', () => {
    const plain = defaults(args);
    assert.deepEqual([plain.grpc, plain.http], [undefined, undefined]);
  });
  it('are valid by default', () => assert.deepEqual(problems({}), []));
  it('need an endpoint that can be listened on', () => {
    const grpc = args.shape.grpc.body;
    const found: string[] = [];
    const check = (changes: Partial<GrpcArgs>): void =>
      grpc.validate?.({ ...defaults(grpc), ...changes }, (key, message) => found.push(`${key}: ${message}`));
    check({});
    check({ endpoint: '/run/otlp.sock', transport: 'unix' });
    check({ endpoint: ':0' });
    assert.equal(found.length, 0);
    check({ endpoint: 'nonsense' });
    assert.deepEqual(found, [
      'endpoint: "nonsense" is not an address to listen on; write host:port, [ipv6]:port or :port',
    ]);
    assert.deepEqual(problems({ endpoint: '127.0.0.1:99999' }), ['endpoint']);
  });
  it('need URL paths that are there and differ', () => {
    assert.deepEqual(problems({ traces_url_path: '' }), ['traces_url_path']);
    assert.deepEqual(problems({ logs_url_path: '/v1/traces' }), ['logs_url_path']);
  });
  it('know the compressions', () => {
    assert.deepEqual(problems({ compression_algorithms: ['', 'x-snappy-framed'] }), []);
    assert.deepEqual(problems({ compression_algorithms: ['br', 'gzip'] }), ['compression_algorithms']);
  });
  it('take no negative durations', () => {
    assert.deepEqual(problems({ idle_timeout: -1, read_timeout: -1 }), ['idle_timeout', 'read_timeout']);
    const found: string[] = [];
    keepalive.validate?.({ ...defaults(keepalive), time: -1 }, (key) => found.push(key));
    assert.deepEqual(found, ['time']);
  });
  it('say that authentication comes later', () => {
    const fault = (http.shape['auth'] as AttrField<unknown>).type.decode('x') as Fault;
    assert.ok(fault instanceof Fault);
    assert.match(fault.problems[0]?.message ?? '', /otelcol\.auth\.\* components are not available/);
  });
});
