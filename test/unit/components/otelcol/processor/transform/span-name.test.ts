/** set_semconv_span_name, on the examples of upstream's documentation and on every convention. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EDITORS } from '#components/otelcol/processor/transform/functions.ts';
import { OttlError } from '#ottl/error.ts';
import { compileStatement } from '#ottl/expression.ts';
import { keyValues, type Attributes } from '#test/support/metric-requests.ts';
import { attributesOf, editAll } from '#test/support/ottl-edit.ts';
import type { PlainMessage } from '#test/support/otlp-proto.ts';

const [INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER] = [1, 2, 3, 4, 5];

function named(kind: number, attributes: Attributes, args = '"1.37.0"'): PlainMessage {
  const span = { name: 'before', kind, attributes: keyValues(attributes) };
  return editAll('span', [span], [`set_semconv_span_name(${args})`], { editors: EDITORS }).items[0];
}

describe('names', () => {
  const http = { 'http.request.method': 'GET' };
  const db = { 'db.system.name': 'pg' };
  const messaging = { 'messaging.system': 'kafka' };
  for (const [kind, attributes, expected] of [
    [SERVER, { ...http, 'http.route': '/users/{id}', 'url.path': '/users/1' }, 'GET /users/{id}'],
    [SERVER, { ...http, 'url.path': '/users/1', 'url.template': '/no' }, 'GET'],
    [SERVER, { 'http.method': 'POST', 'http.route': '/a' }, 'POST /a'],
    [CLIENT, { ...http, 'url.template': '/users/{id}', 'http.route': '/no' }, 'GET /users/{id}'],
    [INTERNAL, { ...http, 'http.route': '/a' }, 'before'],
    [SERVER, { 'rpc.system.name': 'grpc', 'rpc.service': 'shop', 'rpc.method': 'Buy' }, 'shop/Buy'],
    [SERVER, { 'rpc.system': 'grpc', 'rpc.grpc.service': 'shop' }, 'shop/*'],
    [CLIENT, { 'rpc.system': 'grpc', 'rpc.grpc.method': 'Buy' }, 'Buy'],
    [CLIENT, { 'rpc.system': 'grpc' }, 'grpc'],
    [CLIENT, { 'rpc.method': 'Buy' }, 'before'],
    [CLIENT, { ...db, 'db.query.summary': 'SELECT a' }, 'SELECT a'],
    [
      CLIENT,
      { ...db, 'db.operation.name': 'SELECT', 'db.namespace': 'shop', 'db.collection.name': 'users' },
      'SELECT shop.users',
    ],
    [CLIENT, { ...db, 'db.operation': 'CALL', 'db.stored_procedure.name': 'p' }, 'CALL p'],
    [CLIENT, { ...db, 'db.name': 'shop' }, 'shop'],
    [CLIENT, { ...db, 'server.address': 'h', 'server.port': 5432 }, 'h:5432'],
    [CLIENT, { ...db, 'db.operation.name': 'PING' }, 'PING'],
    [CLIENT, db, 'pg'],
    [SERVER, db, 'before'],
    [PRODUCER, { ...messaging, 'messaging.operation.name': 'send', 'messaging.destination.name': 'q' }, 'send q'],
    [
      CONSUMER,
      { ...messaging, 'messaging.operation': 'process', 'messaging.destination.template': 'q/{id}' },
      'process q/{id}',
    ],
    [CONSUMER, { ...messaging, 'messaging.destination': 'q', 'messaging.destination.temporary': true }, '(temporary)'],
    [CONSUMER, { ...messaging, 'messaging.destination': 'q', 'messaging.destination.anonymous': true }, '(anonymous)'],
    [CONSUMER, { ...messaging, 'messaging.destination': 'q', 'messaging.destination.temporary': 'true' }, 'q'],
    [CLIENT, { ...messaging, 'server.address': 'h' }, 'h'],
    [SERVER, { ...messaging, 'messaging.operation.name': 'ack' }, 'ack'],
    [SERVER, messaging, 'kafka'],
    [PRODUCER, { 'messaging.operation.name': 'ack' }, 'before'],
    [0, {}, 'before'],
  ] as const)
    test(`${kind} ${JSON.stringify(attributes)}`, () => assert.equal(named(kind, attributes)['name'], expected));

  test('the name before, where it was another', () => {
    const args = '"1.43.0", "original_span_name"';
    assert.deepEqual(attributesOf(named(SERVER, http, args)), { ...http, original_span_name: 'before' });
    assert.deepEqual(attributesOf(named(INTERNAL, http, args)), http);
  });
});

describe('arguments', () => {
  const refused = (args: string): string | null => {
    try {
      compileStatement(`set_semconv_span_name(${args})`, 'span', undefined, EDITORS);
      return null;
    } catch (thrown) {
      assert.ok(thrown instanceof OttlError);
      return thrown.message;
    }
  };
  for (const version of ['1.37.0', 'v1.40', '1.43.0', '1.38.2', '1.38.0-rc1'])
    test(version, () => assert.equal(refused(`"${version}"`), null));
  for (const version of ['1.36.9', '1.37.0-rc1', '1.43.1', '1.44', '2.40.0', '1', '', 'new', '1.37.0.0'])
    test(version, () => assert.match(String(refused(`"${version}"`)), /from 1\.37\.0 to 1\.43\.0, got/));
  test('an empty attribute', () => {
    assert.equal(refused('"1.37.0", ""'), 'the attribute for the original name needs a name');
  });
});
