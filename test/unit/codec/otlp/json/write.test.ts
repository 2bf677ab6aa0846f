import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { jsonToProto } from '#codec/otlp/json/read.ts';
import { protoToJson } from '#codec/otlp/json/write.ts';
import { scan } from '#codec/otlp/scan.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { LOGS, METRICS, SIGNALS, SIGNAL_NAMES, TRACES } from '#shared/signal.ts';
import { decodeRequest, encodeRequest } from '#test/support/otlp-proto.ts';
import { makeLogs, makeMetrics, makeTraces } from '#test/support/payloads.ts';
import { delimited as field } from '#test/fuzz/codec-wire.ts';

const MAKERS = [makeTraces, makeMetrics, makeLogs] as const;
const EXAMPLES = join(import.meta.dirname, '../../../../../../shared/testdata/otlp');

describe('protoToJson', () => {
  it('writes OTLP/JSON: hex ids, integer enums, 64-bit integers as strings, no defaults, no unknown fields', () => {
    const span = Buffer.concat([
      field(1, Buffer.alloc(16, 0xab)),
      field(2, ''),
      field(5, 'n'),
      Buffer.from('3002', 'hex'),
      field(77, 'unknown'),
      field(15, ''),
    ]);
    const times = Buffer.from(`39${'0100000000000000'}41${'ffffffffffffffff'}`, 'hex');
    assert.deepEqual(JSON.parse(protoToJson(TRACES, field(1, field(2, field(2, Buffer.concat([span, times])))))), {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: 'ab'.repeat(16),
                  name: 'n',
                  kind: 2,
                  status: {},
                  startTimeUnixNano: '1',
                  endTimeUnixNano: '18446744073709551615',
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('writes values of every kind', () => {
    const values = [
      { stringValue: '' },
      { boolValue: false },
      { intValue: '-1' },
      { doubleValue: 0 },
      { doubleValue: 'NaN' },
      { doubleValue: '-Infinity' },
      { bytesValue: '+/8A' },
      { arrayValue: {} },
      { kvlistValue: { values: [{ key: 'k', value: {} }] } },
      {},
    ];
    const text = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: values.map((body) => ({ body })) }] }] });
    assert.equal(protoToJson(LOGS, jsonToProto(LOGS, text)), text);
  });

  it('keeps the last member of a oneof', () => {
    const body = Buffer.concat([field(1, 'text'), Buffer.from('1805', 'hex')]);
    const merged = Buffer.concat([field(5, field(1, 'first')), field(5, Buffer.from('1001', 'hex'))]);
    const request = field(1, field(2, Buffer.concat([field(2, field(5, body)), field(2, merged)])));
    assert.equal(
      protoToJson(LOGS, request),
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"5"}},{"body":{"boolValue":true}}]}]}]}',
    );
  });

  it('gathers a repeated field that is scattered, packed and not', () => {
    const point = Buffer.concat([
      field(6, Buffer.from('0100000000000000', 'hex')),
      field(9, field(1, 'k')),
      Buffer.from('310200000000000000', 'hex'),
    ]);
    const request = field(1, field(2, field(2, field(9, field(1, point)))));
    assert.match(protoToJson(METRICS, request), /"bucketCounts":\["1","2"\]/);
  });

  for (const signal of SIGNALS) {
    it(`loses nothing of ${SIGNAL_NAMES[signal]}`, () => {
      const bytes = MAKERS[signal]({ items: 200 });
      assert.deepEqual(
        decodeRequest(signal, jsonToProto(signal, protoToJson(signal, bytes))),
        decodeRequest(signal, bytes),
      );
    });
  }

  it('keeps all bits of uint64 bucket counts', () => {
    const counts = ['18446744073709551615', '9007199254740993', '4294967296', '268435456', '0'];
    const request = {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [{ exponentialHistogram: { dataPoints: [{ positive: { offset: -3, bucketCounts: counts } }] } }],
            },
          ],
        },
      ],
    };
    assert.deepEqual(JSON.parse(protoToJson(METRICS, encodeRequest(METRICS, request))), request);
  });

  it('throws on bytes that are not a request', () => {
    for (const hex of ['0aff', '0a0312', '0801', '0a0412021207'])
      assert.throws(() => protoToJson(TRACES, Buffer.from(hex, 'hex')), ProtobufError);
  });
});

describe(
  'the examples of the OTLP repository',
  { skip: existsSync(EXAMPLES) ? false : `${EXAMPLES} is not there` },
  () => {
    for (const [file, signal] of [
      ['trace', TRACES],
      ['metrics', METRICS],
      ['logs', LOGS],
      ['events', LOGS],
    ] as const) {
      it(`${file}.json comes back as it was, defaults aside`, () => {
        const text = readFileSync(join(EXAMPLES, `${file}.json`), 'utf8');
        const bytes = jsonToProto(signal, text);
        assert.ok(scan(signal, bytes, 0, bytes.length, null) > 0);
        // What the writer leaves out or spells differently: zeros and the letter case of ids.
        const normal = (name: string, value: unknown): unknown => {
          if (value === 0 && (name === 'scale' || name === 'zeroThreshold')) return undefined;
          return /(trace|span)Id$/i.test(name) && typeof value === 'string' ? value.toLowerCase() : value;
        };
        assert.deepEqual(JSON.parse(protoToJson(signal, bytes)), JSON.parse(JSON.stringify(JSON.parse(text, normal))));
      });
    }
  },
);
