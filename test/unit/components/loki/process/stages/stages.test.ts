/** Each stage, by the examples of Alloy's documentation where it has some. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processor, problemsOf } from '#test/support/loki-process.ts';
import type { TestLine } from '#test/support/loki.ts';

interface Case {
  readonly name: string;
  readonly stages: string;
  readonly line: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly meta?: Readonly<Record<string, string>>;
  readonly at?: bigint;
  /** Of what comes out, the parts that are compared; null: nothing does. */
  readonly wanted: Partial<TestLine> | null;
}

const show = (names: string): string =>
  `stage.labels {\n values = { ${names
    .split(' ')
    .map((name) => `${name} = ""`)
    .join(', ')} }\n}`;
const JSON_LINE =
  '{"log":"log message\\n","stream":"stderr","time":"2019-04-30T02:12:41.8443515Z","extra":"{\\"user\\":\\"marco\\"}"}';
const NS = 1_000_000_000n;

const CASES: readonly Case[] = [
  {
    name: 'json: two stages, the second out of what the first has extracted',
    stages: `stage.json {\n expressions = { output = "log", extra = "" }\n}\nstage.json {\n source = "extra"\n expressions = { user = "" }\n}\n${show('output user')}`,
    line: JSON_LINE,
    wanted: { labels: { output: 'log message\n', user: 'marco' } },
  },
  {
    name: 'json: numbers, booleans, null, lists, and names by a regex',
    stages: `stage.json {\n expressions = { f = "n.float", i = "n.int", b = "", nil = "", l = "", big = "" }\n regex = "^x_"\n}\n${show('f i b nil l big x_1')}`,
    line: '{"n":{"float":12.50,"int":123},"b":true,"nil":null,"l":[1,"<a>"],"big":1e21,"x_1":"y"}',
    wanted: {
      labels: { f: '12.5', i: '123', b: 'true', l: '[1,"\\u003ca\\u003e"]', big: '1000000000000000000000', x_1: 'y' },
    },
  },
  {
    name: 'json: members of an object in the order of Go',
    stages: `stage.json {\n expressions = { a = "" }\n}\n${show('a')}`,
    line: '{"a":{"b":1,"10":[{"z":null,"c":"<"}],"9":true,"__proto__":2}}',
    wanted: { labels: { a: '{"10":[{"c":"\\u003c","z":null}],"9":true,"__proto__":2,"b":1}' } },
  },
  {
    name: 'json: what is no object passes',
    stages: `stage.json {\n expressions = { a = "" }\n}`,
    line: '[1]',
    wanted: { line: '[1]' },
  },
  {
    name: 'json: drop_malformed',
    stages: `stage.json {\n expressions = { a = "" }\n drop_malformed = true\n}`,
    line: 'x',
    wanted: null,
  },
  {
    name: 'json: thousands of levels',
    stages: `stage.json {\n expressions = { a = "" }\n}\n${show('a')}`,
    line: `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    wanted: {},
  },
  {
    name: 'logfmt: mapping and regex',
    stages: `stage.logfmt {\n mapping = { timestamp = "time", app = "", duration = "", unknown = "" }\n regex = "^x"\n}\n${show('timestamp app duration unknown x1')}`,
    line: 'time=2012-11-01T22:08:41+00:00 app=loki level=WARN duration=125 message="this is a log line" extra="user=foo" x1=2',
    wanted: { labels: { timestamp: '2012-11-01T22:08:41+00:00', app: 'loki', duration: '125', x1: '2' } },
  },
  {
    name: 'logfmt: out of an extracted value',
    stages: `stage.logfmt {\n mapping = { extra = "" }\n}\nstage.logfmt {\n mapping = { username = "user" }\n source = "extra"\n}\n${show('username')}`,
    line: 'a=1 extra="user=foo"',
    wanted: { labels: { username: 'foo' } },
  },
  {
    name: 'regex: named groups',
    stages: `stage.regex {\n expression = "^(?s)(?P<time>\\\\S+?) (?P<stream>stdout|stderr) (?P<flags>\\\\S+?) (?P<content>.*)$"\n}\n${show('time stream flags content')}`,
    line: "2019-01-01T01:00:00.000000001Z stderr P i'm a log message!",
    wanted: {
      labels: { time: '2019-01-01T01:00:00.000000001Z', stream: 'stderr', flags: 'P', content: "i'm a log message!" },
    },
  },
  {
    name: 'regex: labels_from_groups',
    stages: 'stage.regex {\n expression = "(?P<a>x)(?P<b>y)?"\n labels_from_groups = true\n}',
    line: 'x',
    labels: { a: 'old' },
    wanted: { labels: { a: 'x', b: '' } },
  },
  {
    name: 'regex: one that backtracks for ever elsewhere',
    stages: 'stage.regex {\n expression = "^(a+)+(?P<x>b)$"\n}',
    line: 'a'.repeat(50_000),
    wanted: { line: 'a'.repeat(50_000) },
  },
  {
    name: 'labels: names, and out of structured metadata',
    stages: 'stage.labels {\n values = { env = "", user = "username" }\n source_type = "structured_metadata"\n}',
    line: 'x',
    meta: { env: 'dev', username: 'u' },
    wanted: { labels: { env: 'dev', user: 'u' }, meta: { env: 'dev', username: 'u' } },
  },
  {
    name: 'static_labels: empty ones are left out',
    stages: 'stage.static_labels {\n values = { foo = "fooval", bar = "" }\n}',
    line: 'x',
    labels: { foo: 'old', z: '1' },
    wanted: { labels: { foo: 'fooval', z: '1' } },
  },
  {
    name: 'label_drop',
    stages: 'stage.label_drop {\n values = ["a", "b"]\n}',
    line: 'x',
    labels: { a: '1', c: '2' },
    wanted: { labels: { c: '2' } },
  },
  {
    name: 'label_keep',
    stages: 'stage.label_keep {\n values = ["a", "b"]\n}',
    line: 'x',
    labels: { a: '1', c: '2' },
    wanted: { labels: { a: '1' } },
  },
  {
    name: 'structured_metadata: what comes from labels goes from there',
    stages:
      'stage.logfmt {\n mapping = { trace_id = "", env = "" }\n}\nstage.structured_metadata {\n values = { trace_id = "", pod = "pod_name" }\n regex = "^e"\n}',
    line: 'trace_id=abc env=x',
    labels: { pod_name: 'p', extra: 'y', z: '1' },
    meta: { trace_id: 'old', k: 'v' },
    wanted: { labels: { z: '1' }, meta: { trace_id: 'abc', k: 'v', extra: 'y', env: 'x', pod: 'p' } },
  },
  {
    name: 'structured_metadata_drop',
    stages: 'stage.structured_metadata_drop {\n values = ["k"]\n}',
    line: 'x',
    meta: { k: 'v', l: 'w' },
    wanted: { meta: { l: 'w' } },
  },
  {
    name: 'tenant: a value',
    stages: 'stage.tenant {\n value = "team-a"\n}',
    line: 'x',
    wanted: { labels: { __tenant_id__: 'team-a' } },
  },
  {
    name: 'tenant: a label',
    stages: 'stage.tenant {\n label = "ns"\n}',
    line: 'x',
    labels: { ns: 'team-b' },
    wanted: { labels: { ns: 'team-b', __tenant_id__: 'team-b' } },
  },
  {
    name: 'tenant: a source that is not there',
    stages: 'stage.tenant {\n source = "customer_id"\n}',
    line: 'x',
    wanted: { labels: {} },
  },
  {
    name: 'output',
    stages: 'stage.json {\n expressions = { message = "" }\n}\nstage.output {\n source = "message"\n}',
    line: '{"user": "alexis", "message": "hello, world!"}',
    wanted: { line: 'hello, world!' },
  },
  {
    name: 'output: a source that is not there',
    stages: 'stage.output {\n source = "m"\n}',
    line: 'x',
    wanted: { line: 'x' },
  },
  {
    name: 'template: another value, a new name, the line',
    stages: `stage.template {\n source = "app"\n template = "{{ .Value | ToUpper }}-{{ .other }}"\n}\nstage.template {\n source = "new"\n template = "{{ .Entry }}!"\n}\n${show('app new')}`,
    line: 'x',
    labels: { app: 'loki', other: 'o' },
    wanted: { labels: { app: 'LOKI-o', other: 'o', new: 'x!' } },
  },
  {
    name: 'template: an empty result takes the name away, one that fails changes nothing',
    stages: `stage.template {\n source = "a"\n template = "{{ if false }}x{{ end }}"\n}\nstage.template {\n source = "b"\n template = "{{ .Value.x }}"\n}\nstage.label_drop {\n values = ["a", "b"]\n}\n${show('a b')}`,
    line: 'x',
    labels: { a: '1', b: '2' },
    wanted: { labels: { b: '2' } },
  },
  {
    name: 'replace: a group, in the line',
    stages: 'stage.replace {\n expression = "password (\\\\S+)"\n replace = "****"\n}',
    line: "2023-01-01T01:00:00.000000001Z stderr P i'm a log message who has sensitive information with password xyz!",
    wanted: {
      line: "2023-01-01T01:00:00.000000001Z stderr P i'm a log message who has sensitive information with password ****",
    },
  },
  {
    name: 'replace: groups by a template, every match',
    stages: `stage.replace {\n expression = "(?P<ip>\\\\d{1,3}\\\\.\\\\d{1,3}\\\\.\\\\d{1,3}\\\\.\\\\d{1,3}) - (?P<user>\\\\S+)"\n replace = "{{ .Value | ToUpper }}{{ .missing }}"\n}\n${show('ip user')}`,
    line: '11.11.11.11 - frank 12.12.12.12 - bob',
    wanted: { line: '11.11.11.11 - FRANK 12.12.12.12 - BOB', labels: { ip: '11.11.11.11', user: 'FRANK' } },
  },
  {
    name: 'replace: an extracted value, nested groups',
    stages: `stage.replace {\n expression = "((a)b)"\n source = "x"\n replace = "<{{ .Value }}>"\n}\n${show('x')}`,
    line: 'ab',
    labels: { x: 'cabc' },
    wanted: { line: 'ab', labels: { x: 'c<ab>c' } },
  },
  {
    name: 'replace: without groups nothing changes',
    stages: 'stage.replace {\n expression = "a"\n replace = "b"\n}',
    line: 'aa',
    wanted: { line: 'aa' },
  },
  { name: 'decolorize', stages: 'stage.decolorize { }', line: '\u001b[31;1mred\u001b[0m x', wanted: { line: 'red x' } },
  { name: 'drop: by the line', stages: 'stage.drop {\n expression = ".*debug.*"\n}', line: 'a debug b', wanted: null },
  {
    name: 'drop: by a source that is there',
    stages: 'stage.drop {\n source = "a,b"\n}',
    line: 'x',
    labels: { a: '', b: '1' },
    wanted: null,
  },
  {
    name: 'drop: by sources of which one is missing',
    stages: 'stage.drop {\n source = "a,b"\n}',
    line: 'x',
    labels: { a: '1' },
    wanted: {},
  },
  {
    name: 'drop: by a value',
    stages: 'stage.drop {\n source = "level"\n value = "a.b"\n}',
    line: 'x',
    labels: { level: 'a.b' },
    wanted: null,
  },
  {
    name: 'drop: by a value, which is no expression',
    stages: 'stage.drop {\n source = "level"\n value = "a.b"\n}',
    line: 'x',
    labels: { level: 'axb' },
    wanted: {},
  },
  {
    name: 'drop: several sources joined',
    stages: 'stage.drop {\n source = "a,b"\n expression = "(error;1|.*;2)"\n}',
    line: 'x',
    labels: { a: 'error', b: '1' },
    wanted: null,
  },
  { name: 'drop: too long, in bytes', stages: 'stage.drop {\n longer_than = "4B"\n}', line: 'ééé', wanted: null },
  { name: 'drop: not too long', stages: 'stage.drop {\n longer_than = "6B"\n}', line: 'ééé', wanted: {} },
  { name: 'drop: too old', stages: 'stage.drop {\n older_than = "24h"\n}', line: 'x', at: 1n, wanted: null },
  {
    name: 'drop: all conditions must hold',
    stages: 'stage.drop {\n older_than = "24h"\n longer_than = "8KB"\n}',
    line: 'x',
    at: 1n,
    wanted: {},
  },
  {
    name: 'match: its stages, in order, for what it selects',
    stages: `stage.match {\n selector = "{app=\\"loki\\"} |= \\"json\\""\n stage.static_labels {\n values = { a = "1", b = "1" }\n }\n stage.label_drop {\n values = ["a"]\n }\n stage.match {\n selector = "{b=\\"1\\"}"\n stage.static_labels {\n values = { inner = "1" }\n }\n }\n}\nstage.static_labels {\n values = { b = "2" }\n}`,
    line: 'json',
    labels: { app: 'loki' },
    wanted: { labels: { app: 'loki', b: '2', inner: '1' } },
  },
  {
    name: 'match: what it does not select passes',
    stages: 'stage.match {\n selector = "{app=\\"x\\"}"\n action = "drop"\n}',
    line: 'a',
    labels: { app: 'y' },
    wanted: {},
  },
  {
    name: 'match: drop',
    stages: 'stage.match {\n selector = "{app=\\"x\\"}"\n action = "drop"\n drop_counter_reason = "why"\n}',
    line: 'a',
    labels: { app: 'x' },
    wanted: null,
  },
  {
    name: 'timestamp: RFC3339',
    stages:
      'stage.regex {\n expression = "(?P<time>\\\\S+)"\n}\nstage.timestamp {\n source = "time"\n format = "RFC3339"\n}',
    line: '2019-01-01T01:00:00.000000001Z x',
    wanted: { at: 1_546_304_400n * NS + 1n },
  },
  {
    name: 'timestamp: a layout with a location, after one that does not fit',
    stages:
      'stage.timestamp {\n source = "t"\n format = "RFC3339"\n fallback_formats = ["UnixMs", "2006-01-02 15:04"]\n location = "Europe/Berlin"\n}',
    line: 'x',
    labels: { t: '2021-07-05 12:00' },
    wanted: { at: 1_625_479_200n * NS },
  },
  {
    name: 'timestamp: Unix with a fraction',
    stages: 'stage.timestamp {\n source = "t"\n format = "Unix"\n}',
    line: 'x',
    labels: { t: '1562708916.414123' },
    wanted: { at: 1_562_708_916n * NS + 414_123_000n },
  },
  {
    name: 'timestamp: UnixMs',
    stages: 'stage.timestamp {\n source = "t"\n format = "UnixMs"\n}',
    line: 'x',
    labels: { t: '1562708916414' },
    wanted: { at: 1_562_708_916n * NS + 414_000_000n },
  },
  {
    name: 'timestamp: UnixUs',
    stages: 'stage.timestamp {\n source = "t"\n format = "UnixUs"\n}',
    line: 'x',
    labels: { t: '1562708916414123' },
    wanted: { at: 1_562_708_916n * NS + 414_123_000n },
  },
  {
    name: 'timestamp: UnixNs, exactly',
    stages: 'stage.timestamp {\n source = "t"\n format = "UnixNs"\n}',
    line: 'x',
    labels: { t: '1562708916000000123' },
    wanted: { at: 1_562_708_916_000_000_123n },
  },
  {
    name: 'timestamp: none, and no stream to go by',
    stages: 'stage.timestamp {\n source = "t"\n format = "Unix"\n}',
    line: 'x',
    at: 7n,
    wanted: { at: 7n },
  },
];

for (const { name, stages, line, labels = {}, meta = {}, at = 0n, wanted } of CASES) {
  test(name, () => {
    const out = processor(stages).run([{ labels, at, line, meta }]);
    if (wanted === null) assert.deepEqual(out, []);
    else for (const [key, value] of Object.entries(wanted)) assert.deepEqual(out[0][key as keyof TestLine], value, key);
    assert.equal(out.length, wanted === null ? 0 : 1);
  });
}

test('what is dropped is counted by its reason', () => {
  const { run, ctx } = processor(
    'stage.drop {\n expression = "^a"\n drop_counter_reason = "short"\n}\nstage.drop {\n expression = "^b"\n}\nstage.match {\n selector = "{x=\\"1\\"}"\n action = "drop"\n}\nstage.json {\n expressions = { a = "" }\n drop_malformed = true\n}',
  );
  run(['a1', 'a2', 'b1', '{}', 'c'].map((line) => ({ labels: {}, line })));
  run([{ labels: { x: '1' }, line: '{}' }]);
  const dropped = (reason: string): number => ctx.meter.value('loki_process_dropped_lines_total', { reason });
  assert.deepEqual(
    [dropped('short'), dropped('drop_stage'), dropped('match_stage'), dropped('malformed_json')],
    [2, 1, 1, 1],
  );
});

test('timestamp: lines of one stream with one time are told apart, those without a time follow the last one', () => {
  const lines = (...times: string[]): TestLine[] => times.map((time) => ({ labels: { a: '1' }, at: 5n, line: time }));
  const times = (stages: string): (bigint | undefined)[] =>
    processor(`stage.regex {\n expression = "(?P<t>\\\\d+)"\n}\n${stages}`)
      .run(lines('10', '10', '10', 'none', '10', '12', 'none'))
      .map(({ at }) => at);
  const stage = (more: string): string => `stage.timestamp {\n source = "t"\n format = "UnixNs"\n${more}}`;
  assert.deepEqual(times(stage('')), [10n, 11n, 12n, 13n, 14n, 12n, 13n]);
  assert.deepEqual(times(stage('action_on_failure = "skip"\n')), [10n, 11n, 12n, 5n, 13n, 12n, 5n]);
  assert.deepEqual(times(stage('action_on_duplicate_timestamp = "keep"\naction_on_failure = "skip"\n')), [
    10n,
    10n,
    10n,
    5n,
    10n,
    12n,
    5n,
  ]);
});

test('mistakes in stages are told where they stand', () => {
  const CASES: readonly [stages: string, problem: RegExp][] = [
    ['stage.json { }', /JMES expressions or regex is required/],
    ['stage.json {\n expressions = { a = "b[" }\n}', /invalid JMESPath expression `b\[`/],
    ['stage.json {\n expressions = { a = "length(b)" }\n}', /functions are not supported/],
    ['stage.json {\n expressions = { a = "" }\n source = ""\n}', /source must not be empty/],
    ['stage.logfmt { }', /logfmt mapping or regex is required/],
    ['stage.regex {\n expression = "("\n}', /invalid regular expression/],
    ['stage.regex {\n expression = ""\n}', /must not be empty/],
    ['stage.labels {\n values = { "a-b" = "" }\n}', /invalid label name: a-b/],
    ['stage.labels { }', /missing required attribute "values"/],
    ['stage.drop { }', /must contain at least one of/],
    ['stage.drop {\n value = "x"\n}', /must contain/],
    ['stage.template {\n source = "a"\n template = "{{ nope }}"\n}', /function "nope" not defined/],
    ['stage.timestamp {\n source = "t"\n format = "Unix"\n location = "Nowhere"\n}', /unknown time zone Nowhere/],
    ['stage.timestamp {\n source = "t"\n format = "Unix"\n action_on_failure = "die"\n}', /should be one of/],
    ['stage.match {\n selector = "{"\n}', /invalid selector/],
    ['stage.match {\n selector = "{a=\\"b\\"}"\n}', /requires at least one additional stage/],
    ['stage.match {\n selector = "{a=\\"b\\"}"\n action = "drop"\n stage.decolorize { }\n}', /cannot contain stages/],
    ['stage.match {\n selector = "{a=\\"b\\"}"\n stage.json { }\n}', /JMES expressions/],
    ['stage.tenant {\n label = "a"\n value = "b"\n}', /mutually exclusive/],
    ['stage.geoip {\n db = "x"\n source = "y"\n}', /stage\.geoip is not available yet/],
    ['stage.docker { }', /stage\.docker is not available yet/],
    ['stage.metrics {\n metric.counter {\n name = "x"\n action = "inc"\n }\n}', /stage\.metrics is not available yet/],
    ['stage.jason { }', /unrecognized block name "stage\.jason"/],
  ];
  for (const [stages, problem] of CASES) assert.match(problemsOf(stages).join('\n'), problem, stages);
});
