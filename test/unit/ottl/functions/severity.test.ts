/** Converters of log levels: the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`), and what does not fit. */
import { describe } from 'node:test';
import { testRows } from '#test/support/ottl-rows.ts';

describe('examples', () =>
  testRows({
    'ParseSeverity("inf", {"info":[{"equals": ["inf"]}, {"range":{"min":200, "max":299}}]})': 'info',
    'ParseSeverity(250, {"info":[{"equals": ["inf"]}, {"range":{"min":200, "max":299}}]})': 'info',
    'ParseSeverity(299, {"info":[{"range":"2xx"}]})': 'info',
    'ParseSeverity(400, {"info":[{"equals": ["inf"]}, {"range":{"min":200, "max":299}}], "error":[{"range":{"min":400, "max":499}}]})':
      'error',
    'ParseSeverity(599, {"error":[{"range":"4xx"}], "fatal":[{"range":"5xx"}]})': 'fatal',
    'ParseSeverity(300, {"warn":[{"range":"3xx"}]})': 'warn',
  }));

describe('edges', () =>
  testRows({
    'ParseSeverity("\u2603", {"info":[{"equals": ["\u2603"]}]})': 'info',
    'ParseSeverity("", {"info":[{"equals": [""]}]})': 'info',
    'ParseSeverity(200, {"info":[{"equals": ["200"]}]})': 'error: ParseSeverity has no level for 200',
    'ParseSeverity("x", {})': 'error: ParseSeverity has no level for x',
    'ParseSeverity(attributes["none"], {"info":[{"range":"2xx"}]})':
      'error: ParseSeverity takes a string or an int, got nil',
    'ParseSeverity(attributes["map"], {"info":[{"range":"2xx"}]})':
      'error: ParseSeverity takes a string or an int, got map',
    'ParseSeverity("x", attributes["map"])': 'wrong: ParseSeverity takes a map literal as `mapping`',
    'ParseSeverity("x", {"info": "x"})': 'wrong: the criteria of "info" are no list',
    'ParseSeverity("x", {"info": ["x"]})': 'wrong: a criterion of "info" is no map with `equals` or `range`',
    'ParseSeverity("x", {"info": [{"equals": [1]}]})': 'wrong: `equals` of "info" is no list of strings',
    'ParseSeverity("x", {"info": [{"range": "6xx"}]})':
      'wrong: `range` of "info" is neither a map with the ints `min` and `max` nor 2xx, 3xx, 4xx or 5xx',
    'ParseSeverity("x", {"info": [{"range": {"min": 1}}]})':
      'wrong: `range` of "info" is neither a map with the ints `min` and `max` nor 2xx, 3xx, 4xx or 5xx',
  }));
