import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detailedLines } from '#components/otelcol/exporter/debug/text/detailed.ts';
import { normalLines } from '#components/otelcol/exporter/debug/text/normal.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';

const text = (value: string) => ({ stringValue: value });
const attribute = (key: string, value: object) => ({ key, value });
const START = '1581452772000000321';
const END = '1581452773000000789';
const TRACE_ID = Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex');
const SPAN_ID = Buffer.from('1112131415161718', 'hex');

const resource = { attributes: [attribute('service.name', text('shop')), attribute('zone', { boolValue: false })] };
const scope = { name: 'http', version: '1.2.3', attributes: [attribute('short', { boolValue: true })] };

function compare(lines: readonly string[], expected: string): void {
  assert.deepEqual(lines, expected.slice(1, -1).split('\n'));
}
const render = (
  lines: (signal: Signal, bytes: Buffer) => string[],
  signal: Signal,
  request: { readonly [field: string]: unknown },
): string[] => lines(signal, encodeRequest(signal, request));

const TRACES_REQUEST = {
  resourceSpans: [
    {
      resource,
      schemaUrl: 'https://r',
      scopeSpans: [
        {
          scope,
          schemaUrl: 'https://s',
          spans: [
            {
              traceId: TRACE_ID,
              spanId: SPAN_ID,
              name: 'GET /',
              kind: 2,
              traceState: 'ot=th:0',
              startTimeUnixNano: START,
              endTimeUnixNano: END,
              status: { code: 2, message: 'no' },
              droppedAttributesCount: 1,
              attributes: [
                attribute('n', { intValue: -3 }),
                attribute('b', { bytesValue: Buffer.from('hi') }),
                attribute('none', {}),
              ],
              events: [
                { name: 'e', timeUnixNano: START, droppedAttributesCount: 2, attributes: [attribute('x', text('y'))] },
                { name: 'f' },
              ],
              links: [
                {
                  traceId: TRACE_ID,
                  spanId: SPAN_ID,
                  traceState: 'a=b',
                  attributes: [attribute('l', { doubleValue: 0.5 })],
                },
              ],
            },
            { name: 'bare' },
          ],
        },
      ],
    },
    { scopeSpans: [{ spans: [{ name: 'second' }] }] },
  ],
};

describe('traces', () => {
  it('normal: a line per resource, scope and span', () => {
    compare(
      render(normalLines, TRACES, TRACES_REQUEST),
      `
ResourceTraces #0 [https://r] service.name=shop zone=false
ScopeTraces #0 http@1.2.3 [https://s] short=true
GET / 0102030405060708090a0b0c0d0e0f10 1112131415161718 n=-3 b=aGk= none=
bare  ${''}
ResourceTraces #1
ScopeTraces #0
second  ${''}
`,
    );
  });

  it('detailed: everything', () => {
    compare(
      render(detailedLines, TRACES, TRACES_REQUEST).slice(0, 52),
      `
ResourceSpans #0
Resource SchemaURL: https://r
Resource attributes:
     -> service.name: Str(shop)
     -> zone: Bool(false)
ScopeSpans #0
ScopeSpans SchemaURL: https://s
InstrumentationScope http 1.2.3
InstrumentationScope attributes:
     -> short: Bool(true)
Span #0
    Trace ID       : 0102030405060708090a0b0c0d0e0f10
    Parent ID      : ${''}
    ID             : 1112131415161718
    Name           : GET /
    Kind           : Server
    TraceState     : ot=th:0
    Start time     : 2020-02-11 20:26:12.000000321 +0000 UTC
    End time       : 2020-02-11 20:26:13.000000789 +0000 UTC
    Status code    : Error
    Status message : no
    DroppedAttributesCount: 1
    DroppedEventsCount: 0
    DroppedLinksCount: 0
Attributes:
     -> n: Int(-3)
     -> b: Bytes(aGk=)
     -> none: Empty()
Events:
SpanEvent #0
     -> Name: e
     -> Timestamp: 2020-02-11 20:26:12.000000321 +0000 UTC
     -> DroppedAttributesCount: 2
     -> Attributes::
          -> x: Str(y)
SpanEvent #1
     -> Name: f
     -> Timestamp: 1970-01-01 00:00:00 +0000 UTC
     -> DroppedAttributesCount: 0
Links:
SpanLink #0
     -> Trace ID: 0102030405060708090a0b0c0d0e0f10
     -> ID: 1112131415161718
     -> TraceState: a=b
     -> DroppedAttributesCount: 0
     -> Attributes::
          -> l: Double(0.5)
Span #1
    Trace ID       : ${''}
    Parent ID      : ${''}
    ID             : ${''}
    Name           : bare
`,
    );
  });

  it('detailed: entity references', () => {
    const entityRefs = [
      { type: 'service', schemaUrl: 'https://e', idKeys: ['service.name'], descriptionKeys: ['zone'] },
      { type: 'host' },
    ];
    compare(
      render(detailedLines, TRACES, { resourceSpans: [{ resource: { entityRefs } }] }),
      `
ResourceSpans #0
Resource SchemaURL: ${''}
Resource entity refs:
     -> Entity ref #0:
          -> Type: service
          -> Schema URL: https://e
          -> ID keys:
               -> service.name
          -> Description keys:
               -> zone
     -> Entity ref #1:
          -> Type: host
`,
    );
  });
});

describe('logs', () => {
  const nested = {
    kvlistValue: {
      values: [
        attribute('b', { intValue: 1 }),
        attribute('a', { arrayValue: { values: [text('x'), { boolValue: true }] } }),
      ],
    },
  };
  const request = {
    resourceLogs: [
      {
        resource,
        scopeLogs: [
          {
            scope: { name: 'l' },
            logRecords: [
              {
                timeUnixNano: END,
                observedTimeUnixNano: START,
                severityNumber: 9,
                severityText: 'INFO',
                eventName: 'shop.checkout',
                flags: 1,
                body: nested,
                attributes: [attribute('k', nested)],
                traceId: TRACE_ID,
                spanId: SPAN_ID,
              },
              { body: text('plain') },
            ],
          },
        ],
      },
    ],
  };

  it('normal: a line per record', () => {
    compare(
      render(normalLines, LOGS, request),
      `
ResourceLog #0 service.name=shop zone=false
ScopeLog #0 l
{"a":["x",true],"b":1} k={"a":["x",true],"b":1}
plain ${''}
`,
    );
  });

  it('detailed: everything', () => {
    compare(
      render(detailedLines, LOGS, request),
      `
ResourceLog #0
Resource SchemaURL: ${''}
Resource attributes:
     -> service.name: Str(shop)
     -> zone: Bool(false)
ScopeLogs #0
ScopeLogs SchemaURL: ${''}
InstrumentationScope l ${''}
LogRecord #0
ObservedTimestamp: 2020-02-11 20:26:12.000000321 +0000 UTC
Timestamp: 2020-02-11 20:26:13.000000789 +0000 UTC
SeverityText: INFO
SeverityNumber: Info(9)
EventName: shop.checkout
Body: Map({"a":["x",true],"b":1})
Attributes:
     -> k: Map({"a":["x",true],"b":1})
Trace ID: 0102030405060708090a0b0c0d0e0f10
Span ID: 1112131415161718
Flags: 1
LogRecord #1
ObservedTimestamp: 1970-01-01 00:00:00 +0000 UTC
Timestamp: 1970-01-01 00:00:00 +0000 UTC
SeverityText: ${''}
SeverityNumber: Unspecified(0)
Body: Str(plain)
Trace ID: ${''}
Span ID: ${''}
Flags: 0
`,
    );
  });
});

describe('metrics', () => {
  const at = { startTimeUnixNano: START, timeUnixNano: END };
  const attributes = [attribute('state', text('user')), attribute('cpu', { intValue: 0 })];
  const exemplars = [
    {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      timeUnixNano: END,
      asInt: 15,
      filteredAttributes: [attribute('f', text('v'))],
    },
  ];
  const metrics = [
    {
      name: 'g',
      unit: '1',
      gauge: {
        dataPoints: [
          { ...at, attributes, asInt: -123 },
          { ...at, asDouble: 4.56, exemplars },
        ],
      },
      metadata: [attribute('m', { intValue: 1 })],
    },
    {
      name: 's',
      description: 'd',
      sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ ...at, asInt: 0 }] },
    },
    {
      name: 'h',
      histogram: {
        aggregationTemporality: 1,
        dataPoints: [
          {
            ...at,
            count: 3,
            sum: 99.573,
            min: 0,
            max: 8.13,
            bucketCounts: [1, 0, 2],
            explicitBounds: [0.125, 1],
            attributes,
          },
        ],
      },
    },
    {
      name: 'x',
      exponentialHistogram: {
        aggregationTemporality: 1,
        dataPoints: [
          {
            ...at,
            count: 5,
            scale: 1,
            zeroCount: 1,
            negative: { offset: -1, bucketCounts: [1, 1] },
            positive: { offset: 1, bucketCounts: [1, 300] },
          },
        ],
      },
    },
    {
      name: 'q',
      summary: { dataPoints: [{ ...at, count: 1, sum: 15, quantileValues: [{ quantile: 0.01, value: 15 }] }] },
    },
    { name: 'nothing' },
  ];
  const request = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
  const half = Math.LN2 / 2;

  it('normal: a line per data point', () => {
    const negative = [`le${-Math.exp(0)}=1`, `le${-Math.exp(-half)}=1`].join(' ');
    const positive = [`le${Math.exp(2 * half)}=1`, `le${Math.exp(3 * half)}=300`].join(' ');
    compare(
      render(normalLines, METRICS, request),
      `
ResourceMetrics #0 service.name=shop zone=false
ScopeMetrics #0
g{state=user,cpu=0} -123
g{} 4.56
s{} 0
h{state=user,cpu=0} count=3 sum=99.573 min=0 max=8.13 le0.125=1 le1=0 2
x{} count=5 ${negative} zero=1 ${positive}
q{} count=1 sum=15.000000 q0.01=15
`,
    );
  });

  it('detailed: everything', () => {
    const times =
      'StartTimestamp: 2020-02-11 20:26:12.000000321 +0000 UTC\nTimestamp: 2020-02-11 20:26:13.000000789 +0000 UTC';
    compare(
      render(detailedLines, METRICS, request).slice(5),
      `
ScopeMetrics #0
ScopeMetrics SchemaURL: ${''}
InstrumentationScope  ${''}
Metric #0
Descriptor:
     -> Name: g
     -> Description: ${''}
     -> Unit: 1
     -> DataType: Gauge
     -> Metadata:
          -> m: Int(1)
NumberDataPoints #0
Data point attributes:
     -> state: Str(user)
     -> cpu: Int(0)
${times}
Value: -123
NumberDataPoints #1
${times}
Value: 4.560000
Exemplars:
Exemplar #0
     -> Trace ID: 0102030405060708090a0b0c0d0e0f10
     -> Span ID: 1112131415161718
     -> Timestamp: 2020-02-11 20:26:13.000000789 +0000 UTC
     -> Value: 15
     -> FilteredAttributes:
          -> f: Str(v)
Metric #1
Descriptor:
     -> Name: s
     -> Description: d
     -> Unit: ${''}
     -> DataType: Sum
     -> IsMonotonic: true
     -> AggregationTemporality: Cumulative
NumberDataPoints #0
${times}
Value: 0
Metric #2
Descriptor:
     -> Name: h
     -> Description: ${''}
     -> Unit: ${''}
     -> DataType: Histogram
     -> AggregationTemporality: Delta
HistogramDataPoints #0
Data point attributes:
     -> state: Str(user)
     -> cpu: Int(0)
${times}
Count: 3
Sum: 99.573000
Min: 0.000000
Max: 8.130000
ExplicitBounds #0: 0.125000
ExplicitBounds #1: 1.000000
Buckets #0, Count: 1
Buckets #1, Count: 0
Buckets #2, Count: 2
Metric #3
Descriptor:
     -> Name: x
     -> Description: ${''}
     -> Unit: ${''}
     -> DataType: ExponentialHistogram
     -> AggregationTemporality: Delta
ExponentialHistogramDataPoints #0
${times}
Count: 5
Bucket [-1.414214, -1.000000), Count: 1
Bucket [-1.000000, -0.707107), Count: 1
Bucket [0, 0], Count: 1
Bucket (1.414214, 2.000000], Count: 1
Bucket (2.000000, 2.828427], Count: 300
Metric #4
Descriptor:
     -> Name: q
     -> Description: ${''}
     -> Unit: ${''}
     -> DataType: Summary
SummaryDataPoints #0
${times}
Count: 1
Sum: 15.000000
QuantileValue #0: Quantile 0.010000, Value 15.000000
Metric #5
Descriptor:
     -> Name: nothing
     -> Description: ${''}
     -> Unit: ${''}
     -> DataType: Empty
`,
    );
  });
});
