/** Converters of CSV rows: the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`), and what does not fit. */
import { describe } from 'node:test';
import { map, testRows } from '#test/support/ottl-rows.ts';

describe('examples', () =>
  testRows({
    'ParseCSV("999-999-9999,Joe Smith,joe.smith@example.com", "phone,name,email")': map({
      phone: '999-999-9999',
      name: 'Joe Smith',
      email: 'joe.smith@example.com',
    }),
    'ParseCSV("1|2", "a|b", delimiter="|")': map({ a: '1', b: '2' }),
    'ParseCSV("1|\\"2\\"", "a,b", delimiter="|", headerDelimiter=",", mode="lazyQuotes")': map({ a: '1', b: '2' }),
    'ParseCSV("\\"555-555-5556,Joe Smith\\",joe.smith@example.com", "phone,name,email", mode="ignoreQuotes")': map({
      phone: '"555-555-5556',
      name: 'Joe Smith"',
      email: 'joe.smith@example.com',
    }),
    'ParseCSV("\\"a,b\\",\\"say \\"\\"x\\"\\"\\"", "one,two")': map({ one: 'a,b', two: 'say "x"' }),
    'ParseCSV("a\\nb,c\\n,d\\n", "1,2,3")': map({ 1: 'a\nb', 2: 'c\n', 3: 'd' }),
    'ParseCSV("\\n\\na,b", "1,2")': map({ 1: 'a', 2: 'b' }),
    'ParseCSV("\\"a\\nb\\"\\n\\"c,d\\"", "1")': map({ 1: 'a\nb\nc,d' }),
    'ParseCSV("a,v\\"al", "1,2", mode="lazyQuotes")': map({ 1: 'a', 2: 'v"al' }),
  }));

describe('edges', () =>
  testRows({
    'ParseCSV("\u00e4\u2603\u{1f600}", "\u2603", "\u{1f600}")': 'error: ParseCSV finds 2 fields for 1 headers',
    'ParseCSV("\u00e4\u{1f600}b", "x\u{1f600}y", "\u{1f600}")': map({ x: '\u00e4', y: 'b' }),
    'ParseCSV(",", "a,b")': map({ a: '', b: '' }),
    'ParseCSV("a,", "1,2")': map({ 1: 'a', 2: '' }),
    'ParseCSV("", "a")': 'error: ParseCSV takes a row that is not empty',
    'ParseCSV("", "a", mode="ignoreQuotes")': map({ a: '' }),
    'ParseCSV("a", "")': 'error: ParseCSV takes headers that are not empty',
    'ParseCSV("a,b,c", "1,2")': 'error: ParseCSV finds 3 fields for 2 headers',
    'ParseCSV("a,v\\"al", "1,2")': 'error: ParseCSV finds a quote inside of a field without quotes',
    'ParseCSV("\\"a\\"b", "1")': 'error: ParseCSV finds a quote inside of a field with quotes',
    'ParseCSV("\\"a", "1")': 'error: ParseCSV finds a quote that does not end',
    'ParseCSV("val1,\\"val2,\\"val3,val4\\"", "1,2,3,4", mode="lazyQuotes")':
      'error: ParseCSV finds 2 fields for 4 headers',
    'ParseCSV("a", "1", "ab")': 'wrong: a delimiter is one character',
    'ParseCSV("a", "1", ",", "ab")': 'wrong: a delimiter is one character',
    'ParseCSV("a", "1", "\\"")': 'wrong: a delimiter is no quote and no line break',
    'ParseCSV("a", "1", mode="fake")': 'wrong: there is no mode "fake"',
    'ParseCSV(attributes["none"], "1")': 'error: ParseCSV takes a string, got nil',
    'ParseCSV("a", attributes["int"])': 'error: ParseCSV takes a string, got int',
  }));
