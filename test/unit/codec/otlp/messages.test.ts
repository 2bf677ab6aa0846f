import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MESSAGE_TYPES, type Field } from '#codec/otlp/messages.ts';
import * as codec from '#codec/otlp/signal.ts';
import * as shared from '#shared/signal.ts';
import { messageType } from '#test/support/otlp-proto.ts';
import protobuf from 'protobufjs';

/** Types that the schema nests in another one. */
const NESTED: Readonly<Record<string, string>> = {
  Event: 'Span.Event',
  Link: 'Span.Link',
  Buckets: 'ExponentialHistogramDataPoint.Buckets',
  ValueAtQuantile: 'SummaryDataPoint.ValueAtQuantile',
};

function expectedKind(field: protobuf.Field): Field['kind'] {
  if (field.resolvedType instanceof protobuf.Enum) return 'enum';
  if (field.resolvedType !== null) return 'message';
  if (field.name === 'traceId') return 'traceId';
  return field.name === 'spanId' || field.name === 'parentSpanId' ? 'spanId' : (field.type as Field['kind']);
}

describe('the message table', () => {
  for (const type of MESSAGE_TYPES) {
    it(`${type.name} has the fields of the schema`, () => {
      const expected = messageType(NESTED[type.name] ?? type.name)
        .fieldsArray.map((field) => {
          field.resolve();
          return {
            number: field.id,
            name: field.name,
            kind: expectedKind(field),
            repeated: field.repeated,
            presence: field.partOf !== null,
            oneof: field.partOf !== null && !field.partOf.name.startsWith('_'),
            message: field.resolvedType instanceof protobuf.Type ? field.resolvedType.name : null,
            values: field.resolvedType instanceof protobuf.Enum ? field.resolvedType.values : null,
          };
        })
        .sort((a, b) => a.number - b.number);
      const actual = type.fields.map((field) => ({
        ...field,
        message: field.message?.name ?? null,
        values: field.values === null ? null : Object.fromEntries(field.values),
      }));
      assert.deepEqual(
        actual,
        expected.map((field) => ({ ...field, values: field.values === null ? null : { ...field.values } })),
      );
      assert.ok(
        type.fields.every((field) => field.number < 32),
        'the tables of check and view hold numbers below 32',
      );
    });
  }

  it('signals have the same numbers as everywhere else', () => {
    assert.deepEqual([codec.TRACES, codec.METRICS, codec.LOGS], [shared.TRACES, shared.METRICS, shared.LOGS]);
  });
});
