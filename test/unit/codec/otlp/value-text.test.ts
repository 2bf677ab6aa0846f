import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { valueText } from '#codec/otlp/value-text.ts';
import { encodeMessage, messageType } from '#test/support/otlp-proto.ts';

type Value = { readonly [kind: string]: unknown };

const text = (value: Value): string => {
  const bytes = encodeMessage(messageType('AnyValue'), value);
  return valueText(bytes, 0, bytes.length);
};
const map = (...pairs: [string, Value][]): Value => ({
  kvlistValue: { values: pairs.map(([key, value]) => ({ key, value })) },
});
const array = (...values: Value[]): Value => ({ arrayValue: { values } });

describe('valueText', () => {
  const cases: [Value, string][] = [
    [{}, ''],
    [{ stringValue: '' }, ''],
    [{ stringValue: 'a "b" <c>' }, 'a "b" <c>'],
    [{ boolValue: true }, 'true'],
    [{ boolValue: false }, 'false'],
    [{ intValue: 0 }, '0'],
    [{ intValue: '-9223372036854775808' }, '-9223372036854775808'],
    [{ intValue: '9007199254740993' }, '9007199254740993'],
    [{ doubleValue: 1 }, '1'],
    [{ doubleValue: 0.1 }, '0.1'],
    [{ doubleValue: 1e-6 }, '0.000001'],
    [{ doubleValue: 1e-7 }, '1e-7'],
    [{ doubleValue: 123456789012345680000 }, '123456789012345680000'],
    [{ doubleValue: 1e21 }, '1e+21'],
    [{ doubleValue: -0 }, '-0'],
    [{ doubleValue: NaN }, 'NaN'],
    [{ doubleValue: Infinity }, 'Infinity'],
    [{ doubleValue: -Infinity }, '-Infinity'],
    [{ bytesValue: Buffer.from([0xfb, 0xff, 0x00]) }, '+/8A'],
    [{ bytesValue: Buffer.from([1]) }, 'AQ=='],
    [array(), '[]'],
    [
      array(
        { stringValue: 'a' },
        { intValue: '9007199254740993' },
        { doubleValue: 2 },
        { boolValue: true },
        {},
        { bytesValue: Buffer.from([1]) },
      ),
      '["a",9007199254740993,2,true,null,"AQ=="]',
    ],
    [map(), '{}'],
    [
      map(['b', { intValue: 1 }], ['a', array({ stringValue: '<&>' })], ['B', map(['x', {}])]),
      '{"B":{"x":null},"a":["<&>"],"b":1}',
    ],
    [map(['😀', { intValue: 1 }], ['\uffee', { intValue: 2 }]), '{"\uffee":2,"😀":1}'],
    [map(['k', { stringValue: 'a\u2028b\n' }]), '{"k":"a\\u2028b\\n"}'],
  ];
  for (const [value, expected] of cases) {
    it(`gives ${JSON.stringify(expected)}`, () => {
      assert.equal(text(value), expected);
    });
  }
});
