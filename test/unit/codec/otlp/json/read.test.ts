import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JsonError } from '#codec/otlp/json/error.ts';
import { jsonToProto } from '#codec/otlp/json/read.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { decodeRequest, type Plain, type PlainMessage } from '#test/support/otlp-proto.ts';

const spanText = (members: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`;

/** The one item of a request, as the oracle sees it. */
function readSpan(members: string): PlainMessage {
  const request = decodeRequest(TRACES, jsonToProto(TRACES, spanText(members))) as {
    resourceSpans: { scopeSpans: { spans: PlainMessage[] }[] }[];
  };
  return request.resourceSpans[0]?.scopeSpans[0]?.spans[0];
}

const value = (json: string): Plain => {
  const [attribute] = readSpan(`"attributes":[{"key":"k","value":${json}}]`)['attributes'] as PlainMessage[];
  return attribute?.['value'] ?? null;
};

describe('jsonToProto reads', () => {
  it('ids in any letter case, empty ones as none', () => {
    const span = readSpan('"traceId":"5B8EFFF798038103d269b633813fc60c","spanId":"EEE19B7EC3C1B174","parentSpanId":""');
    assert.deepEqual(span, { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' });
  });

  it('64-bit integers as strings and numbers, exactly', () => {
    for (const text of ['9007199254740993', '18446744073709551615', '1769000000000000001']) {
      assert.deepEqual(readSpan(`"startTimeUnixNano":"${text}","endTimeUnixNano":${text}`), {
        startTimeUnixNano: text,
        endTimeUnixNano: text,
      });
    }
    for (const text of ['9223372036854775807', '-9223372036854775808', '-1', '9007199254740993', '-4294967296']) {
      assert.deepEqual(value(`{"intValue":"${text}"}`), { intValue: text });
      assert.deepEqual(value(`{"intValue":${text}}`), { intValue: text });
    }
    assert.deepEqual(value('{"intValue":1e3}'), { intValue: '1000' });
    assert.deepEqual(value('{"intValue":"10.0"}'), { intValue: '10' });
  });

  it('enums as integers and names', () => {
    assert.deepEqual(readSpan('"kind":3,"status":{"code":"STATUS_CODE_ERROR"}'), { kind: 3, status: { code: 2 } });
    assert.deepEqual(readSpan('"kind":"SPAN_KIND_SERVER"'), { kind: 2 });
    assert.equal(
      jsonToProto(TRACES, spanText('"kind":"SPAN_KIND_UNSPECIFIED"')).length,
      jsonToProto(TRACES, spanText('')).length,
    );
    assert.deepEqual(readSpan('"kind":77'), { kind: 77 });
  });

  it('doubles, the special ones as strings', () => {
    for (const [json, expected] of [
      ['1.5', 1.5],
      ['3', 3],
      ['-0', '-0'],
      ['"NaN"', 'NaN'],
      ['"Infinity"', 'Infinity'],
      ['"-Infinity"', '-Infinity'],
      ['"1.5e3"', 1500],
      ['1E-7', 1e-7],
    ] as const) {
      assert.deepEqual(value(`{"doubleValue":${json}}`), { doubleValue: expected });
    }
  });

  it('bytes in both alphabets of base64, with and without padding', () => {
    for (const text of ['-_8A', '+/8A']) assert.deepEqual(value(`{"bytesValue":"${text}"}`), { bytesValue: 'fbff00' });
    for (const text of ['AQ==', 'AQ']) assert.deepEqual(value(`{"bytesValue":"${text}"}`), { bytesValue: '01' });
  });

  it('members of a oneof with their default value, other defaults not at all', () => {
    for (const json of [
      '{"stringValue":""}',
      '{"boolValue":false}',
      '{"intValue":"0"}',
      '{"doubleValue":0}',
      '{"bytesValue":""}',
    ]) {
      assert.notDeepEqual(value(json), {});
    }
    assert.equal(
      jsonToProto(TRACES, spanText('"name":"","kind":0,"startTimeUnixNano":"0","flags":0,"status":null')).length,
      jsonToProto(TRACES, spanText('')).length,
    );
  });

  it('null as absent, unknown members not at all, snake_case like lowerCamelCase', () => {
    assert.deepEqual(readSpan('"name":null,"kind":2,"novel":{"a":[1,"\\"",{}]},"trace_state":"a=b"'), {
      kind: 2,
      traceState: 'a=b',
    });
  });

  it('an element that is null as an empty message', () => {
    assert.deepEqual(value('{"arrayValue":{"values":[null,{"intValue":1}]}}'), {
      arrayValue: { values: [{}, { intValue: '1' }] },
    });
  });

  it('escapes, surrogate pairs and text beyond ASCII', () => {
    assert.deepEqual(readSpan('"name":"a\\n\\u00fc\\ud83d\\ude00\\/\\"ü"'), { name: 'a\nü😀/"ü' });
    assert.deepEqual(readSpan('"\\u006eame":"x"'), { name: 'x' });
  });

  it('packed numbers', () => {
    const text =
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":["1",2],"explicitBounds":[1,"2.5"],"sum":0}]}}]}]}]}';
    assert.match(
      JSON.stringify(decodeRequest(METRICS, jsonToProto(METRICS, text))),
      /"sum":0,"bucketCounts":\["1","2"\],"explicitBounds":\[1,2.5\]/,
    );
  });

  it('an empty object', () => {
    assert.equal(jsonToProto(LOGS, ' {\n} ').length, 0);
  });
});

describe('jsonToProto refuses', () => {
  const at = 'resourceSpans[0].scopeSpans[0].spans[0]';
  const cases: [string, string, RegExp][] = [
    ['nothing', '', /unexpected end/],
    ['an array', '[]', /expected an object/],
    ['text after the object', '{} x', /end of the text/],
    ['a missing comma', '{"a":1 "b":2}', /comma/],
    ['a trailing comma', '{"resourceSpans":[],}', /member name/],
    ['a trailing comma in a list', '{"resourceSpans":[{},]}', /a value/],
    ['a number with a leading zero', '{"a":01}', /comma/],
    ['a lone minus', '{"a":-}', /bad number/],
    ['an unknown literal', '{"a":nil}', /expected null/],
    ['a raw line break in a string', '{"a":"\n"}', /control character/],
    ['a bad escape, in an unknown member too', '{"a":"\\x"}', /escape/],
    ['an object where a list belongs', '{"resourceSpans":{}}', /resourceSpans: expected an array/],
    [
      'a list where an object belongs',
      '{"resourceSpans":[[]]}',
      /resourceSpans\[0\]: expected an object, got an array/,
    ],
    ['a name that is a number', spanText('"name":1'), /name: expected a string, got a number/],
    ['a short trace id', spanText('"traceId":"abcd"'), /traceId: expected 32 hex digits/],
    ['a trace id in base64', spanText('"traceId":"W47/95gDgQPSabYzgT/GDA=="'), /traceId: expected 32 hex/],
    ['a span id with a letter too many', spanText('"spanId":"eee19b7ec3c1b17g"'), /spanId: expected 16 hex/],
    [
      'a fraction in an integer',
      spanText('"startTimeUnixNano":1.5'),
      /startTimeUnixNano: expected an integer, got a fraction/,
    ],
    ['a negative time', spanText('"startTimeUnixNano":"-1"'), /out of range/],
    ['an integer of 65 bits', spanText('"startTimeUnixNano":"18446744073709551616"'), /out of range/],
    ['a flag of 33 bits', spanText('"flags":4294967296'), /flags: integer out of range/],
    ['text in an integer', spanText('"startTimeUnixNano":"12a"'), /expected an integer/],
    ['an empty integer', spanText('"startTimeUnixNano":""'), /expected an integer/],
    ['an enum of another name', spanText('"kind":"SERVER"'), /kind: unknown value "SERVER"/],
    [
      'a bool that is a string',
      spanText('"attributes":[{"value":{"boolValue":"true"}}]'),
      /boolValue: expected true or false, got a string/,
    ],
    ['bytes that are not base64', spanText('"attributes":[{"value":{"bytesValue":"?"}}]'), /base64/],
    ['a double that is too large', spanText('"attributes":[{"value":{"doubleValue":1e999}}]'), /out of range/],
    ['hex in a double', spanText('"attributes":[{"value":{"doubleValue":"0x10"}}]'), /expected a number/],
    [
      'an int64 below the range',
      spanText('"attributes":[{"value":{"intValue":"-9223372036854775809"}}]'),
      /out of range/,
    ],
    [
      'messages nested too deeply',
      spanText(`"attributes":[{"value":${'{"arrayValue":{"values":['.repeat(60)}{}${']}}'.repeat(60)}}]`),
      /nested too deeply/,
    ],
    ['unknown members nested too deeply', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, /nested too deeply/],
  ];
  for (const [what, text, reason] of cases) {
    it(what, () => {
      assert.throws(
        () => jsonToProto(TRACES, text),
        (error) => error instanceof JsonError && reason.test(error.message),
      );
    });
  }

  it('with path and offset', () => {
    const text = spanText('"links":[{},{"traceId":"x"}]');
    assert.throws(
      () => jsonToProto(TRACES, text),
      (error: JsonError) => error.path === `${at}.links[1].traceId` && error.offset === text.indexOf('x"'),
    );
  });

  it('and works for the next request', () => {
    assert.throws(() => jsonToProto(TRACES, spanText('"links":[{}')));
    assert.deepEqual(readSpan('"name":"x"'), { name: 'x' });
  });
});
