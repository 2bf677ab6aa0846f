/** Converters on the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`), and on what does not fit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EvaluationError } from '#ottl/error.ts';
import { ADJUSTED_COUNT, adjustedCount } from '#ottl/functions/items.ts';
import { CONVERTERS, withConverters } from '#ottl/functions/library.ts';
import { Duration, Id, Time, type Value } from '#ottl/value.ts';
import { compileValue } from '#ottl/expression.ts';
import { holdsIn, text, valueIn, valueOf, valuesOf } from '#test/support/ottl.ts';

const ms = (...parts: [number, number, ...number[]]): Time => new Time(BigInt(Date.UTC(...parts)) * 1_000_000n);
const map = (entries: Readonly<Record<string, Value>>): Value => new Map(Object.entries(entries));

const TABLE: Readonly<Record<string, Value>> = {
  'Concat(["a", 1, 1.5, true, nil], "-")': 'a-1-1.5-true-<nil>',
  'Concat(["a", ["b"], {"c": 1}], "")': 'a',
  'Concat([], "-")': '',
  'Concat([0x0102, TraceID(0x000102030405060708090a0b0c0d0e0f)], " ")': '0102 000102030405060708090a0b0c0d0e0f',
  'ConvertCase("myMetric", "snake")': 'my_metric',
  'ConvertCase("my_metric", "camel")': 'MyMetric',
  'ConvertCase("MY_METRIC", "lower")': 'my_metric',
  'ConvertCase("my_metric", "upper")': 'MY_METRIC',
  'ToLowerCase("\u00c4B")': '\u00e4b',
  'ToUpperCase("ab")': 'AB',
  'ToSnakeCase("MyMetricName")': 'my_metric_name',
  'ToCamelCase("my_metric_name")': 'MyMetricName',
  'Format("%02d", [7])': '07',
  'Format("%04d-%02d-%02d", [2024, 2, 3])': '2024-02-03',
  'Format("%s/%v/%q", ["a", 1.5, "b"])': 'a/1.5/"b"',
  'Format("%d", ["x"])': '%!d(string=x)',
  'Format("%d %d", [1])': '1 %!d(MISSING)',
  'Format("a", [1])': 'a%!(EXTRA int64=1)',
  'Format("%5.2f|%-4d|%+d|%x|%t|%%", [3.14159, 7, 7, 255, true])': ' 3.14|7   |+7|ff|true|%',
  'Format("%v %v", [[1, "a"], {"k": nil}])': '[1 a] map[k:<nil>]',
  'HasPrefix("ingest_service", "ingest_")': true,
  'HasSuffix("ingest_service", "_service")': true,
  'HasSuffix("a", "ab")': false,
  'TrimPrefix("ingest_service", "ingest_")': 'service',
  'TrimSuffix("ingest_service", "_service")': 'ingest',
  'TrimSuffix("a", "")': 'a',
  'Index("hello world", "world")': 6n,
  'Index("\u00e4b", "b")': 2n,
  'Index("a", "x")': -1n,
  'Index([1, 2.0, "x"], 2)': 1n,
  'IsMatch("string", ".*ring")': true,
  'IsMatch("http", "^ttp")': false,
  'IsMatch(200, "2\\\\d+")': true,
  'IsMatch(nil, ".*")': false,
  'IsMatch({"a": 1}, "\\"a\\":1")': true,
  'Split("A|B|C", "|")': ['A', 'B', 'C'],
  'Split("abc", "|")': ['abc'],
  'Split("a,b", ",")[1]': 'b',
  'Substring("123456789", 0, 3)': '123',
  'Substring("\u4e00\u4e8c\u4e09", 0, 4, true)': '\u4e00',
  'Substring("\u4e00\u4e8c\u4e09", 1, 6, true)': '\u4e8c',
  'Trim(" this is a test ", " ")': 'this is a test',
  'Trim("!!this is a test!!", "!!")': 'this is a test',
  'Trim("  ")': '',
  'Int("2")': 2n,
  'Int("2.0")': null,
  'Int(1.9)': 1n,
  'Int(-1.9)': -1n,
  'Int(true)': 1n,
  'Int(nil)': null,
  'Int([])': null,
  'Int("9223372036854775808")': null,
  'Double("2.0")': 2,
  'Double("1e3")': 1000,
  'Double(false)': 0,
  'Double("x")': null,
  'Double(3)': 3,
  'String("test")': 'test',
  'String([1,2,3])': '[1,2,3]',
  'String(false)': 'false',
  'String(nil)': null,
  'String(1.0e21)': '1000000000000000000000',
  'String({"b": 1, "a": "x"})': '{"a":"x","b":1}',
  'String(0x00ff)': '00ff',
  'Bool("true")': true,
  'Bool(0)': false,
  'Bool(2.5)': true,
  'Bool(nil)': null,
  'ParseInt("0b1111_0000", 0)': 240n,
  'ParseInt("0b10110", 0)': 22n,
  'ParseInt("0xFF", 0)': 255n,
  'ParseInt("-0xFF", 0)': -255n,
  'ParseInt("-0o123", 0)': -83n,
  'ParseInt("12345", 10)': 12345n,
  'ParseInt("AA", 16)': 170n,
  'ParseInt("-20", 8)': -16n,
  'IsString("a")': true,
  'IsString(1)': false,
  'IsInt(1)': true,
  'IsInt(1.0)': false,
  'IsDouble(1.0)': true,
  'IsBool(false)': true,
  'IsMap({})': true,
  'IsList([])': true,
  'IsList("a")': false,
  'IsEmpty("")': true,
  'IsEmpty(nil)': true,
  'IsEmpty([0])': false,
  'SpanID(0x0000000000000000)': new Id('0'.repeat(16)),
  'TraceID("A389023abaa839283293ed323892389d")': new Id('a389023abaa839283293ed323892389d'),
  'MD5("name")': 'b068931cc450442b63f5b3d276ea4297',
  'SHA1("name")': '6ae999552a0d2dca14d62e2bc8b764d377b1dd6c',
  'SHA256("name")': '82a3537ff0dbce7eec35d69edc3a189ee6f17d82f353a553f9aa96cb0be3ce89',
  'FNV("a")': -5808556873153909620n,
  'Hex("1")': '31',
  'Hex(1.1)': '3ff199999999999a',
  'Hex(true)': '01',
  'Hex(12)': '000000000000000c',
  'Hex(0x02)': '02',
  'Hex(nil)': null,
  'Base64Decode("aGVsbG8=")': 'hello',
  'Base64Encode("hello")': 'aGVsbG8=',
  'Decode("aGVsbG8", "base64-raw")': 'hello',
  'Len("\u00e4")': 2n,
  'Len([1, 2])': 2n,
  'Len({"a": 1})': 1n,
  'Keys({"k1":"v1", "k2": "v2"})': ['k1', 'k2'],
  'Values({"key1": "value1", "key2": 5, "key3": [1,2]})': ['value1', 5n, [1n, 2n]],
  'ContainsValue([1.1, 2.2, 3.3, 4.4], 4.4)': true,
  'ContainsValue(["GET", "PUT", "POST"], "GET")': true,
  'ContainsValue([1, 2], "1")': false,
  'Coalesce([nil, "a", "b"])': 'a',
  'Coalesce([nil])': null,
  'Sort([3, 1, 2])': [1n, 2n, 3n],
  'Sort([1.5, 1, 2], "desc")': [2n, 1.5, 1n],
  'Sort(["b", 10, 2, true])': [10n, 2n, 'b', true],
  'ParseJSON("{\\"attr\\":true, \\"n\\": 1}")': map({ attr: true, n: 1 }),
  'ParseJSON("[\\"attr1\\",null]")': ['attr1', null],
  'ParseJSON("{\\"a\\":{\\"b\\":2}}")["a"]["b"]': 2,
  'ParseKeyValue("k1=v1 k2=v2 k3=v3")': map({ k1: 'v1', k2: 'v2', k3: 'v3' }),
  'ParseKeyValue("k1!v1_k2!v2_k3!v3", "!", "_")': map({ k1: 'v1', k2: 'v2', k3: 'v3' }),
  'ParseKeyValue("a=\\"x y\\" b=\'z\'")': map({ a: 'x y', b: 'z' }),
  'ToKeyValueString({"k1":"v1","k2":"v2","k3":"v3"})': 'k1=v1 k2=v2 k3=v3',
  'ToKeyValueString({"b":"v=2","a":{"k":["x"]}}, "=", " ", true)': 'a={"k":["x"]} b="v=2"',
  'ExtractPatterns("GIT_SHA=abc", "GIT_SHA=(?P<sha>\\\\w+)")': map({ sha: 'abc' }),
  'ExtractPatterns("none", "GIT_SHA=(?P<sha>\\\\w+)")': map({}),
  'Log(1)': 0,
  'Log("1.0")': 0,
  'Duration("3s")': new Duration(3_000_000_000n),
  'Duration("1h2m3.5s")': new Duration(3_723_500_000_000n),
  'Duration("-1.5us")': new Duration(-1500n),
  'Hours(Duration("1h30m"))': 1.5,
  'Minutes(Duration("1h"))': 60,
  'Seconds(Duration("1500ms"))': 1.5,
  'Milliseconds(Duration("1h"))': 3_600_000n,
  'Microseconds(Duration("1ms"))': 1000n,
  'Nanoseconds(Duration("1us"))': 1000n,
  'Milliseconds(Duration("1.9ms"))': 1n,
  'Time("02/04/2023", "%m/%d/%Y")': ms(2023, 1, 4),
  'Time("Feb 15, 2023", "%b %d, %Y")': ms(2023, 1, 15),
  'Time("2012-11-01T22:08:41+0100", "%Y-%m-%dT%H:%M:%S%z")': ms(2012, 10, 1, 21, 8, 41),
  'Time("2023-05-26 12:34:56.789", "%F %T.%L")': ms(2023, 4, 26, 12, 34, 56, 789),
  'Time("11:05 PM", "%I:%M %p")': ms(1970, 0, 1, 23, 5),
  'FormatTime(Time("02/04/2023", "%m/%d/%Y"), "%A %h %e %Y")': 'Saturday Feb  4 2023',
  'FormatTime(Unix(0, 5000000), "%H:%M:%S.%f %z")': '00:00:00.005000 +0000',
  'TruncateTime(Time("2023-05-26 12:34:56", "%F %T"), Duration("1h"))': ms(2023, 4, 26, 12),
  'UnixSeconds(Time("02/04/2023", "%m/%d/%Y"))': 1675468800n,
  'UnixMilli(Unix(1))': 1000n,
  'UnixMicro(Unix(1))': 1_000_000n,
  'UnixNano(Unix(1672527600, 7))': 1672527600000000007n,
  'UnixSeconds(Unix(0, -1))': -1n,
  'UnixSeconds(Now())': BigInt(Date.UTC(2026, 0, 2, 3, 4, 5) / 1000),
  'Year(Now())': 2026n,
  'Month(Now())': 1n,
  'Day(Now())': 2n,
  'Hour(Now())': 3n,
  'Minute(Now())': 4n,
  'Second(Now())': 5n,
  'Nanosecond(Unix(1, 9))': 9n,
  'Weekday(Now())': 5n,
};

describe('what they give', () => {
  for (const [expression, expected] of Object.entries(TABLE))
    test(expression, () => assert.deepEqual(valueOf(expression), expected));

  test('every converter is tried', () => {
    const tried = Object.keys(TABLE).join(' ');
    const apart = ['IsRootSpan', 'HasAttrKeyOnDatapoint', 'HasAttrOnDatapoint', 'UUID', 'SHA512'];
    assert.deepEqual(
      [...CONVERTERS.keys()].filter((name) => !tried.includes(`${name}(`) && !apart.includes(name)),
      [],
    );
  });

  test('UUID and SHA512', () => {
    assert.match(String(valueOf('UUID()')), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    assert.match(String(valueOf('SHA512("name")')), /^[0-9a-f]{128}$/);
  });
});

describe('what does not fit fails, and only then', () => {
  const span = { attributes: [text('s', 'text'), { key: 'list', value: { arrayValue: {} } }] };
  const table: Readonly<Record<string, string>> = {
    'HasPrefix(attributes["none"], "a")': 'HasPrefix takes a string, got nil',
    'Split(kind, ",")': 'Split takes a string, got int',
    'Substring(attributes["s"], 2, 5)': 'Substring ends at 7, behind the text of 4 bytes',
    'Substring(attributes["s"], 0 - 1, 1)': 'Substring begins at -1, before the text',
    'Len(kind)': 'Len takes a string, list or map, got int',
    'Log(kind)': 'Log takes a number above 0, got 0',
    'Sort([attributes["list"]])': 'Sort takes numbers, strings and bools, got list',
    'Keys(attributes["s"])': 'Keys takes a map, got string',
    'ParseJSON(attributes["s"])': 'the text is no JSON',
    'Milliseconds(name)': 'Milliseconds takes a duration, got string',
    'Time(name, "%Y")': '"" is no time of the format "%Y"',
    'ParseInt(attributes["s"], 10)': 'ParseInt cannot read "text" in base 10',
    'IsMatch(name, attributes["none"])': 'IsMatch takes a string, got nil',
    'Split(attributes["s"], "x")[5]': 'index 5 is out of bounds',
    '{"a": kind}["b"]': '',
    'Base64Decode(attributes["s"] )': '',
  };
  for (const [expression, message] of Object.entries(table)) {
    if (message === '') continue;
    test(expression, () => assert.equal(valueIn('span', span, expression), `error: ${message}`));
  }

  test('a regular expression out of the data is compiled when it comes, and fails when it is none', () => {
    const matched = (pattern: string) =>
      holdsIn('span', { name: 'abc', attributes: [text('p', pattern)] }, 'IsMatch(name, attributes["p"])');
    assert.deepEqual([matched('^a'), matched('z')], [true, false]);
    assert.match(String(matched('(')), /error: invalid regular expression/);
  });

  test('times are read strictly', () => {
    for (const [text, format] of [
      ['13/01/2023', '%m/%d/%Y'],
      ['02/30/2023', '%m/%d/%Y'],
      ['24:00', '%H:%M'],
      ['2023-01-01 ', '%F'],
    ])
      assert.match(String(valueOf(`Time(Concat(["${text}"], ""), "${format}")`)), /is no time/);
    assert.throws(() => valueOf('Time("x", "%Q")'), /no %Q/);
    assert.throws(() => valueOf('Time("2023", "%Y", "America/New_York")'), /time zone/);
  });
});

describe('AdjustedCount (signaltometrics)', () => {
  test('by the threshold in the trace state', () => {
    assert.equal(adjustedCount(''), 1);
    assert.equal(adjustedCount('vendor=x'), 1);
    assert.equal(adjustedCount('ot=th:8'), 2);
    assert.equal(adjustedCount('vendor=1, ot=rv:1;th:c'), 4);
    assert.equal(adjustedCount('ot=th:0'), 1);
    assert.throws(() => adjustedCount('ot=th:zz'), EvaluationError);
  });

  test('is known only where it is asked for', () => {
    const more = withConverters(ADJUSTED_COUNT);
    assert.deepEqual(valuesOf('span', { traceState: 'ot=th:8' }, 'Int(AdjustedCount())', more), [2n]);
    assert.throws(() => compileValue('AdjustedCount()', 'span'), /no converter/);
    assert.throws(() => compileValue('AdjustedCount()', 'log', more), /not for the context log/);
  });
});

test('IsRootSpan', () => {
  assert.equal(holdsIn('span', {}, 'IsRootSpan()'), true);
  assert.equal(holdsIn('span', { parentSpanId: Buffer.alloc(8) }, 'IsRootSpan()'), true);
  assert.equal(holdsIn('span', { parentSpanId: Buffer.alloc(8, 1) }, 'IsRootSpan()'), false);
});

test('static types', () => {
  for (const [expression, type] of [
    ['1', 'int'],
    ['1 + kind', 'int'],
    ['1.5 * kind', 'double'],
    ['Len(name)', 'int'],
    ['Milliseconds(end_time - start_time)', 'int'],
    ['Seconds(end_time - start_time)', 'double'],
    ['attributes["x"]', 'any'],
    ['-1', 'int'],
  ] as const)
    assert.equal(compileValue(expression, 'span').type, type, expression);
});
