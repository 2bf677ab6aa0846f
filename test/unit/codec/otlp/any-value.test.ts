import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyValueBytes, readAnyValue } from '#codec/otlp/any-value.ts';
import { encodeMessage, messageType } from '#test/support/otlp-proto.ts';
import { valueText } from '#codec/otlp/value-text.ts';

const AnyValue = messageType('AnyValue');
const value = {
  kvlistValue: {
    values: [
      { key: 'k~', value: { arrayValue: { values: [{ stringValue: '~'.repeat(60) }, { intValue: -1 }, {}] } } },
      { key: 'b', value: { bytesValue: Buffer.from('~') } },
      { key: 'none', value: {} },
    ],
  },
};

const anew = (bytes: Buffer, start: number, end: number): Buffer => anyValueBytes(readAnyValue(bytes, start, end));

describe('anyValueBytes', () => {
  it('writes what was read as it was', () => {
    const bytes = encodeMessage(AnyValue, value);
    assert.deepEqual(anew(bytes, 0, bytes.length), bytes);
  });

  it('repairs keys and text at any depth, and no bytes', () => {
    const bytes = encodeMessage(AnyValue, value);
    for (let at = bytes.indexOf('~'); at >= 0; at = bytes.indexOf('~')) bytes[at] = 0xff;
    const repaired = anew(Buffer.concat([Buffer.from('x'), bytes, Buffer.from('y')]), 1, bytes.length + 1);
    AnyValue.decode(repaired);
    const text = `{"b":"/w==","k\ufffd":["${'\ufffd'.repeat(60)}",-1,null],"none":null}`;
    assert.equal(valueText(repaired, 0, repaired.length), text);
  });
});
