/** Converters of grok: the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`), and what does not fit. */
import { describe } from 'node:test';
import { map, testRows } from '#test/support/ottl-rows.ts';

describe('examples', () =>
  testRows({
    'ExtractGrokPatterns("GIT_SHA=abc", "GIT_SHA=(?P<git___sha>\\\\w+)")': map({ 'git.sha': 'abc' }),
    'ExtractGrokPatterns("http://user:p@example.com:8080/a?b=c", "%{URI}", true)':
      'wrong: the grok pattern names nothing',
    'ExtractGrokPatterns("http://user:p@example.com:8080/a?b=c", "%{URI:uri}", true)': map({
      uri: 'http://user:p@example.com:8080/a?b=c',
    }),
    'ExtractGrokPatterns("http://user:p@example.com:8080/a?b=c", "%{URI}")["POSINT"]': '8080',
    'ExtractGrokPatterns("05/12/2023 12:34:56.789 PST joe connection 42", "%{DATESTAMP:timestamp} %{TZ:event.timezone} %{DATA:user.name} %{GREEDYDATA:text} %{POSINT:process.pid:int}", true)':
      map({
        timestamp: '05/12/2023 12:34:56.789',
        'event.timezone': 'PST',
        'user.name': 'joe',
        text: 'connection',
        'process.pid': 42n,
      }),
    'ExtractGrokPatterns("12/05/2023 1:02 UTC joe x 42", "%{LINE}", true, ["LINE=%{DATESTAMP:timestamp} %{TZ:tz} %{DATA:user.name} %{GREEDYDATA:id} %{POSINT:pid:int}"])':
      map({ timestamp: '12/05/2023 1:02', tz: 'UTC', 'user.name': 'joe', id: 'x', pid: 42n }),
    'ExtractGrokPatterns("smith:pass123:1001:1000:J Smith:/home/smith:/bin/sh", "%{USERNAME:user.name}:%{PASSWORD:user.password}:%{USERINFO}", true, ["PASSWORD=%{WORD}", "USERINFO=%{GREEDYDATA}"])':
      map({ 'user.name': 'smith', 'user.password': 'pass123' }),
  }));

describe('edges', () =>
  testRows({
    'ExtractGrokPatterns("", "%{WORD:w}")': map({}),
    'ExtractGrokPatterns("none", "^%{INT:n}$")': map({}),
    'ExtractGrokPatterns("\u00e4\u2603\u{1f600}", "%{NOTSPACE:x}")': map({ x: '\u00e4\u2603\u{1f600}' }),
    'ExtractGrokPatterns("-7 1.5 true x", "%{INT:a:long} %{NUMBER:b:float} %{BOOL:c:boolean} %{WORD:d:string}", true)':
      map({ a: -7n, b: 1.5, c: true, d: 'x' }),
    'ExtractGrokPatterns("7 8", "%{INT:a} %{INT:a}", true)': map({ a: '7' }),
    'ExtractGrokPatterns("x", "%{WORD:a:int}")': 'error: "x" is no int',
    'ExtractGrokPatterns("99999999999999999999", "%{INT:a:int}")': 'error: "99999999999999999999" is no int',
    'ExtractGrokPatterns("x", "%{WORD:a:date}")': 'wrong: there is no grok type `date`',
    'ExtractGrokPatterns("x", "%{NOTHING:a}")': 'wrong: there is no grok pattern `NOTHING`',
    'ExtractGrokPatterns("x", "%{A:a}", true, ["A=%{B}", "B=%{A}"])': 'wrong: the grok pattern leads to itself',
    'ExtractGrokPatterns("x", "%{A:a}", true, ["A=%{A}%{A}"])': 'wrong: the grok pattern leads to itself',
    'ExtractGrokPatterns("x", "(%{WORD:a}")':
      'wrong: invalid regular expression `((?P<grok0>\\b\\w+\\b)`: error parsing regexp: missing closing ): `((?P<grok0>\\b\\w+\\b)`',
    'ExtractGrokPatterns("x", "x", true)': 'wrong: the grok pattern names nothing',
    'ExtractGrokPatterns("x", "x", false)': map({}),
    'ExtractGrokPatterns("x", "%{A:a}", true, ["A"])': 'wrong: `A` defines no grok pattern',
    'ExtractGrokPatterns("x", "%{A:a}", true, ["A:B=x"])': 'wrong: `A:B=x` defines no grok pattern',
    'ExtractGrokPatterns("x", "x", true, attributes["list"])':
      'wrong: the definitions of grok patterns are a literal list',
    'ExtractGrokPatterns("GET /", name, true)': 'error: the grok pattern names nothing',
    'ExtractGrokPatterns("GET /", Concat(["%{WORD:", attributes["text"], "}"], ""), true)': map({ text: 'GET' }),
    'ExtractGrokPatterns("x", Concat(["%{", "NOTHING}"], ""))': 'error: there is no grok pattern `NOTHING`',
    'ExtractGrokPatterns(attributes["none"], "%{WORD:w}")': 'error: ExtractGrokPatterns takes a string, got nil',
    'ExtractGrokPatterns(attributes["int"], "%{WORD:w}")': 'error: ExtractGrokPatterns takes a string, got int',
    'ExtractGrokPatterns("x", attributes["none"])': 'error: ExtractGrokPatterns takes a string, got nil',
  }));
