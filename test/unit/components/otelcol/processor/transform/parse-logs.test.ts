/** ParseCEF, ParseCLF, ParseELF and ParseLEEF, on the examples of upstream's documentation and on texts that are none. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FUNCTIONS } from '#components/otelcol/processor/transform/functions.ts';
import { OttlError } from '#ottl/error.ts';
import { compileValue } from '#ottl/expression.ts';
import { isMap, type Value } from '#ottl/value.ts';
import { valuesOf } from '#test/support/ottl.ts';

const plain = (value: Value): unknown => {
  if (isMap(value)) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  return Array.isArray(value) ? (value as readonly Value[]).map(plain) : value;
};
const parsed = (body: string, call: string): unknown =>
  plain(valuesOf('log', { body: { stringValue: body } }, call, FUNCTIONS)[0]);

function table(call: string, rows: readonly (readonly [string, unknown])[]): void {
  describe(call, () => {
    for (const [body, expected] of rows)
      test(JSON.stringify(body).slice(0, 80), () => assert.deepEqual(parsed(body, call), expected));
  });
}

const cef = (name: string, extensions: Record<string, string>, severity = '10'): unknown => ({
  'cef.version': '0',
  'cef.device_vendor': 'Security',
  'cef.device_product': 'threatmanager',
  'cef.device_version': '1.0',
  'cef.device_event_class_id': '100',
  'cef.name': name,
  'cef.severity': severity,
  'cef.extensions': extensions,
});
const CEF = 'CEF:0|Security|threatmanager|1.0|100|';
table('ParseCEF(body)', [
  [
    `${CEF}worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232`,
    cef('worm successfully stopped', { src: '10.0.0.1', dst: '2.1.2.2', spt: '1232' }),
  ],
  [`<34>Oct 11 host ${CEF}n|10|msg=a value with spaces  cs1=x`, cef('n', { msg: 'a value with spaces', cs1: 'x' })],
  [`${CEF}a\\|b\\\\c\\n|10|`, cef('a|b\\c\\n', {})],
  [`${CEF}n|10`, cef('n', {})],
  [`${CEF}n|10|a=x\\=y\\nz\\r\\\\ b=\u00e4 | c d_1=`, cef('n', { a: 'x=y\nz\r\\', b: '\u00e4 | c', d_1: '' })],
  [`${CEF}n|10|no keys here`, cef('n', {})],
  [`${CEF}n|10|a=1 a=2`, cef('n', { a: '2' })],
  ['', 'error: ParseCEF takes a text that is not empty'],
  ['LEEF:1.0|a', 'error: the text has no CEF: in it'],
  ['CEF:0|a|b', 'error: a CEF header has 7 fields, got 3'],
  ['CEF:|a|b|c|d|e|f|', 'error: the CEF has no version'],
]);

const CLF = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326';
const clf = {
  'clf.remote_host': '127.0.0.1',
  'clf.rfc931': '-',
  'clf.auth_user': 'frank',
  'clf.timestamp': '10/Oct/2000:13:55:36 -0700',
  'clf.request': 'GET /apache_pb.gif HTTP/1.0',
  'clf.method': 'GET',
  'clf.request_uri': '/apache_pb.gif',
  'clf.protocol': 'HTTP/1.0',
  'clf.status': 200n,
  'clf.bytes': 2326n,
};
const without = (...keys: string[]): unknown =>
  Object.fromEntries(Object.entries(clf).filter(([key]) => !keys.includes(key)));
const noLine = (format = 'clf'): string => `error: the text is no line of the format ${format}`;
table('ParseCLF(body)', [
  [CLF, clf],
  [`  ${CLF}\n`, clf],
  [CLF.replace('2326', '-'), without('clf.bytes')],
  [
    CLF.replace('GET /apache_pb.gif HTTP/1.0', 'quoted \\"it\\" \\x41\\xc3\\xa4\\q\\t'),
    {
      ...(without('clf.method', 'clf.request_uri', 'clf.protocol') as object),
      'clf.request': 'quoted "it" A\u00e4\\q\t',
      'clf.method': 'quoted',
      'clf.request_uri': '"it"',
      'clf.protocol': 'A\u00e4\\q\t',
    },
  ],
  [
    CLF.replace('GET /apache_pb.gif HTTP/1.0', '-'),
    { ...(without('clf.method', 'clf.request_uri', 'clf.protocol') as object), 'clf.request': '-' },
  ],
  [`${CLF} "-" "curl"`, noLine()],
  [CLF.replace(' 2326', ''), noLine()],
  [CLF.replace('"GET', 'GET'), noLine()],
  [CLF.replace('[', ''), noLine()],
  [CLF.replace('1.0"', '1.0\\"'), noLine()],
  [CLF.replace(' - ', '  - '), noLine()],
  [CLF.replace(' 200 ', ' x '), 'error: "x" is no status'],
  [CLF.replace('2326', '1k'), 'error: "1k" is no number of bytes'],
  ['', 'error: ParseCLF takes a text that is not empty'],
]);
table('ParseCLF(body, "combined")', [
  [`${CLF} "http://a/b" "curl/8 \\"x\\""`, { ...clf, 'clf.referer': 'http://a/b', 'clf.user_agent': 'curl/8 "x"' }],
  [`${CLF} "" ""`, { ...clf, 'clf.referer': '', 'clf.user_agent': '' }],
  [CLF, noLine('combined')],
]);

table('ParseELF(body)', [
  [
    '#Version: 1.0\n#Fields: time cs-method cs-uri\n00:34:23 GET /foo/bar.html',
    {
      'elf.version': '1.0',
      'elf.fields': ['time', 'cs-method', 'cs-uri'],
      'elf.entries': [{ time: '00:34:23', 'cs-method': 'GET', 'cs-uri': '/foo/bar.html' }],
    },
  ],
  [
    '#version: 1.0\r\n#Software: IIS\r#Date: d\n#Start-Date: s\n#End-Date: e\n#Remark: r: x\n#Remark\n#Other: y\n\n#Fields: a b\n1\n"x ""y"""\t2 3\n#Fields: c\n4',
    {
      'elf.version': '1.0',
      'elf.software': 'IIS',
      'elf.date': 'd',
      'elf.start_date': 's',
      'elf.end_date': 'e',
      'elf.remark': 'r: x',
      'elf.fields': ['c'],
      'elf.entries': [{ a: '1', b: '-' }, { a: 'x "y"', b: '2' }, { c: '4' }],
    },
  ],
  ['#Version: 1', { 'elf.version': '1', 'elf.fields': [], 'elf.entries': [] }],
  ['#Fields: a\nx', 'error: the ELF has no #Version'],
  ['#Version: 1\nx', 'error: the ELF has data before its #Fields'],
  ['#Version: 1\n#Fields a', 'error: the ELF has #Fields without a colon'],
  ['#Version: 1\n#Fields: a\n"x', 'error: the ELF has a quote that does not end'],
  ['', 'error: ParseELF takes a text that is not empty'],
]);

test('a block of many fields and short lines ends', () => {
  const body = `#Version: 1\n#Fields: ${'a '.repeat(5000)}\n${'x\n'.repeat(5000)}`;
  assert.equal(parsed(body, 'ParseELF(body)'), 'error: an ELF of more than 1000000 values');
});

const leef = (version: string, id: string, attributes: Record<string, string>): unknown => ({
  'leef.version': version,
  'leef.vendor': 'Lancope',
  'leef.product.name': 'StealthWatch',
  'leef.product.version': '1.0',
  'leef.event.id': id,
  'leef.attributes': attributes,
});
const HEADER = 'Lancope|StealthWatch|1.0|41';
const FLOW = { src: '10.0.1.8', dst: '10.0.0.5', sev: '5' };
table('ParseLEEF(body)', [
  [`LEEF:1.0|${HEADER}|src=10.0.1.8\tdst=10.0.0.5\tsev=5`, leef('1.0', '41', FLOW)],
  [`LEEF:2.0|${HEADER}|^|src=10.0.1.8^dst=10.0.0.5^sev=5`, leef('2.0', '41', FLOW)],
  [`LEEF:2.0|${HEADER}|0x5e|src=10.0.1.8^dst=10.0.0.5^sev=5`, leef('2.0', '41', FLOW)],
  [`LEEF:2.0|${HEADER}||src=10.0.1.8\tdst=10.0.0.5\tsev=5`, leef('2.0', '41', FLOW)],
  [`syslog LEEF:2.0|${HEADER}|a=1|2\tb= x `, leef('2.0', '41', { a: '1|2', b: ' x ' })],
  [`LEEF:2.0|${HEADER}`, leef('2.0', '41', {})],
  [`LEEF:1.0|${HEADER}|none\t=x\ta=1\ta=2=3`, leef('1.0', '41', { a: '2=3' })],
  [`LEEF:2.0|${HEADER}|ab|x=1`, 'error: the delimiter of LEEF is one character, or one byte as 0x09, got "ab"'],
  [`LEEF:2.0|${HEADER}|\u00e4|x=1`, 'error: the delimiter of LEEF is one character, or one byte as 0x09, got "\u00e4"'],
  [`LEEF:3.0|${HEADER}`, 'error: LEEF is of version 1.0 or 2.0, got "3.0"'],
  ['LEEF:1.0|a|b', 'error: a LEEF header has 4 fields, got 2'],
  ['LEEF:1.0', 'error: the LEEF has no bar behind its version'],
  ['CEF:0|', 'error: the text has no LEEF: in it'],
  ['', 'error: ParseLEEF takes a text that is not empty'],
]);

describe('what cannot be', () => {
  test('a body that is no text fails', () => {
    assert.equal(
      plain(valuesOf('log', { body: { intValue: 1 } }, 'ParseCEF(body)', FUNCTIONS)[0]),
      'error: ParseCEF takes a string, got int',
    );
  });
  for (const [text, context, message] of [
    ['ParseCLF(body, "other")', 'log', 'the format is one of clf, combined'],
    ['ParseCEF(name)', 'span', 'ParseCEF is not for the context span, only for log'],
  ] as const)
    test(text, () => {
      assert.throws(
        () => compileValue(text, context, FUNCTIONS),
        (error) => error instanceof OttlError && error.message === message,
      );
    });
});
