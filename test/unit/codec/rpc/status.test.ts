import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { decodeStatus, encodeStatus, statusFromJson, statusToJson, type RpcStatus } from '#codec/rpc/status.ts';
import { decodeMessage, encodeMessage, messageType } from '#test/support/otlp-proto.ts';

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const STATUSES: readonly RpcStatus[] = [
  { code: 0, message: '', retryDelayMs: null },
  { code: 14, message: 'später — retry', retryDelayMs: null },
  { code: 8, message: 'slow down', retryDelayMs: 2500 },
  { code: 8, message: 'slow down', retryDelayMs: 0 },
];

describe('google.rpc.Status', () => {
  for (const status of STATUSES) {
    it(`${status.code}, retry ${status.retryDelayMs}, comes back from protobuf and from JSON`, () => {
      assert.deepEqual(decodeStatus(encodeStatus(status)), status);
      assert.deepEqual(statusFromJson(statusToJson(status)), status);
    });
  }

  it('is what the oracle reads', () => {
    const plain = decodeMessage(messageType('RpcStatus'), encodeStatus({ code: 8, message: 'm', retryDelayMs: 1500 }));
    const [detail] = plain['details'] as { typeUrl: string; value: string }[];
    assert.deepEqual([plain['code'], plain['message'], detail?.typeUrl], [8, 'm', RETRY_INFO]);
    assert.deepEqual(decodeMessage(messageType('RetryInfo'), Buffer.from(detail?.value, 'hex')), {
      retryDelay: { seconds: '1', nanos: 500000000 },
    });
  });

  it('finds RetryInfo among other details', () => {
    const retry = encodeMessage(messageType('RetryInfo'), { retryDelay: { seconds: 7 } });
    const details = [
      { typeUrl: 'type.googleapis.com/google.rpc.DebugInfo', value: Buffer.from([1]) },
      { typeUrl: RETRY_INFO, value: retry },
    ];
    for (const order of [details, details.toReversed()]) {
      assert.equal(
        decodeStatus(encodeMessage(messageType('RpcStatus'), { code: 14, details: order })).retryDelayMs,
        7000,
      );
    }
  });

  it('has the JSON form of the Collector', () => {
    assert.equal(
      statusToJson({ code: 3, message: 'bad "thing"', retryDelayMs: null }),
      '{"code":3,"message":"bad \\"thing\\""}',
    );
  });

  it('tells what is no status', () => {
    assert.throws(() => decodeStatus(Buffer.from('Bad Gateway')), ProtobufError);
    for (const text of ['', '<html>', '[]', 'null', '"x"']) assert.equal(statusFromJson(text), null);
    assert.deepEqual(statusFromJson('{"message":"only text"}'), { code: 0, message: 'only text', retryDelayMs: null });
  });
});
