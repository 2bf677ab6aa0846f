import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeResponse, EMPTY_RESPONSE_JSON, responseFromJson } from '#codec/otlp/response.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { encodeMessage, responseType } from '#test/support/otlp-proto.ts';

const NOTHING = { rejected: 0, message: '' };

describe('the export response', () => {
  for (const [signal, name] of [
    [TRACES, 'rejectedSpans'],
    [METRICS, 'rejectedDataPoints'],
    [LOGS, 'rejectedLogRecords'],
  ] as const) {
    it(`reads ${name} from protobuf and JSON`, () => {
      const partialSuccess = { [name]: 12, errorMessage: 'too old' };
      assert.deepEqual(decodeResponse(encodeMessage(responseType(signal), { partialSuccess })), {
        rejected: 12,
        message: 'too old',
      });
      assert.deepEqual(responseFromJson(JSON.stringify({ partialSuccess })), { rejected: 12, message: 'too old' });
      assert.deepEqual(responseFromJson(JSON.stringify({ partialSuccess: { ...partialSuccess, [name]: '12' } })), {
        rejected: 12,
        message: 'too old',
      });
    });
  }

  it('reads full success', () => {
    assert.deepEqual(decodeResponse(Buffer.alloc(0)), NOTHING);
    assert.deepEqual(decodeResponse(encodeMessage(responseType(TRACES), { partialSuccess: {} })), NOTHING);
    for (const text of ['{}', EMPTY_RESPONSE_JSON, '{"partialSuccess":null}'])
      assert.deepEqual(responseFromJson(text), NOTHING);
  });

  it('tells what is no response', () => {
    assert.throws(() => decodeResponse(Buffer.from('<html>')), ProtobufError);
    for (const text of ['', '<html>', '[]', 'null', '3']) assert.equal(responseFromJson(text), null);
  });
});
