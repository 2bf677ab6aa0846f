import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { TemplateError } from '#components/loki/process/template/lexer.ts';
import { Template } from '#components/loki/process/template/run.ts';

const DATA = new Map([
  ['Value', 'Hello World'],
  ['app', 'loki'],
  ['level', 'WARN'],
  ['empty', ''],
  ['n', '12'],
  ['csv', 'a,b,c'],
]);
const run = (template: string): string => new Template(template).run(DATA);

const CASES: readonly [template: string, wanted: string][] = [
  // Alloy's documentation of stage.template.
  ['logs_service_{{ .Value }}', 'logs_service_Hello World'],
  ['{{ ToLower .Value }}', 'hello world'],
  ['{{ .Value | ToUpper }}', 'HELLO WORLD'],
  ['{{ Replace .Value "l" "L" 2 }}', 'HeLLo World'],
  ['{{ Replace .Value "l" "" -1 }}', 'Heo Word'],
  ['{{ TrimPrefix .Value "Hello" | TrimSpace }}', 'World'],
  ['{{ TrimSuffix .Value "World" }}', 'Hello '],
  ['{{ Trim .Value "Hd" }}', 'ello Worl'],
  ['{{ TrimLeft .Value "lHe" }}|{{ TrimRight .Value "dlr" }}', 'o World|Hello Wo'],
  ['{{ regexReplaceAll "(W)(orld)" .Value "${2}$1" }}', 'Hello orldW'],
  ['{{ regexReplaceAllLiteral "W(orld)" .Value "$1" }}', 'Hello $1'],
  ['{{ if eq .Value "Hello World" }}yes{{ else }}no{{ end }}', 'yes'],
  ['{{ if .missing }}a{{ else if eq .level "WARN" }}b{{ else }}c{{ end }}', 'b'],
  ['{{ .Value }} and {{ .level }}', 'Hello World and WARN'],
  ['{{ .missing }}', '<no value>'],
  // The language.
  ['a {{- " b " -}} c', 'a b c'],
  ['{{/* nothing */}}x{{- /* n */ -}} y', 'xy'],
  ['{{ $x := .app }}{{ $x }}{{ $x = "tempo" }} {{ $x }}', 'loki tempo'],
  ['{{ with .app }}{{ . }} {{ $.level }}{{ end }}', 'loki WARN'],
  ['{{ with .missing }}a{{ else }}b{{ end }}', 'b'],
  ['{{ if and .app (not .empty) (or .missing .level) }}ok{{ end }}', 'ok'],
  ['{{ (index (splitList "," .csv) 1) | upper }}', 'B'],
  ['{{ len .app }} {{ slice .app 1 3 }}', '4 ok'],
  [
    '{{ print "a" 1 2 "b" }} {{ printf "%-5s|%05d|%q|%.2f|%x|%v%%" .app 42 "x\\"" 1.5 255 true }}',
    'a1 2b loki |00042|"x\\""|1.50|ff|true%',
  ],
  ['{{ printf "%d %s" .app }}', '%!d(string=loki) %!s(MISSING)'],
  ['{{ "raw: " }}{{ `\\n` }}{{ \'a\' }}{{ 1.50 }}{{ 0x10 }}{{ nil | default "d" }}', 'raw: \\n971.516d'],
  [
    '{{ if gt (int .n) 10 }}{{ add (int .n) 1 }}{{ end }} {{ div 7 2 }} {{ mod 7 2 }} {{ max 1 5 3 }} {{ floor 1.7 }}',
    '13 3 1 5 1',
  ],
  [
    '{{ printf "%s %v %s %t %x" 5 .missing .missing .app .app }}',
    '%!s(int=5) <nil> %!s(<nil>) %!t(string=loki) 6c6f6b69',
  ],
  ['{{ printf "%s" .app 1 }}', 'loki%!(EXTRA int=1)'],
  [
    '{{ printf "%g %v %.3g %.3g %f %.1f %e" 1e6 1e6 1234.5 0.00001234 1e21 -0.26 1234.5 }}',
    '1e+06 1e+06 1.23e+03 1.23e-05 1000000000000000000000.000000 -0.3 1.234500e+03',
  ],
  ['{{ 010 }} {{ 0b11 }} {{ 0o17 }} {{ -0x1F }} {{ print .missing }}', '8 3 15 -31 <nil>'],
  // sprig.
  ['{{ .app | upper | trunc 2 }} {{ .Value | trunc -5 }} {{ abbrev 8 .Value }}', 'LO World Hello...'],
  [
    '{{ default "x" .empty }} {{ default "x" .app }} {{ coalesce .empty .missing .app }} {{ ternary "a" "b" true }}',
    'x loki loki a',
  ],
  [
    '{{ .Value | replace "o" "0" | lower | title }} {{ .Value | snakecase }} {{ "ab cd" | camelcase }} {{ "HTMLPageURL2x" | snakecase }}',
    'Hell0 W0rld hello_world AbCd html_page_url2x',
  ],
  [
    '{{ contains "lok" .app }} {{ hasPrefix "x" .app }} {{ .app | repeat 2 }} {{ substr 1 3 .app }}',
    'true false lokiloki ok',
  ],
  [
    '{{ join "-" (list "a" 1 true) }} {{ first (list 1 2) }} {{ rest (list 1 2 3) }} {{ list "b" "a" | sortAlpha }}',
    'a-1-true 1 [2 3] [a b]',
  ],
  [
    '{{ .app | b64enc }} {{ "bG9raQ==" | b64dec }} {{ quote .app }} {{ squote .app }} {{ cat "a" .missing "b" }}',
    'bG9raQ== loki "loki" \'loki\' a b',
  ],
  ['{{ regexMatch "^l.k" .app }} {{ regexFind "o.*" .app }} {{ nindent 2 "a\\nb" }}', 'true oki \n  a\n  b'],
];

for (const [template, wanted] of CASES) test(`template ${template}`, () => assert.equal(run(template), wanted));

test('hashes are those of Alloy', () => {
  const hash = (name: string): string => createHash(name).update('saltloki').digest('hex');
  assert.equal(run('{{ Hash "salt" .app }}'), hash('sha3-256'));
  assert.equal(run('{{ Sha2Hash "salt" .app }}'), hash('sha256'));
});

test('a template that is wrong is refused when it is read', () => {
  const cases: [string, RegExp][] = [
    ['{{ .a', /unclosed action/],
    ['{{ nope .a }}', /function "nope" not defined/],
    ['{{ env "HOME" }}', /function "env" not defined/],
    ['{{ if .a }}x', /without \{\{end\}\}/],
    ['{{ end }}', /unexpected \{\{end\}\}/],
    ['{{ range .a }}{{ end }}', /\{\{range\}\} is not supported/],
    ['{{ template "x" }}', /\{\{template\}\} is not supported/],
    ['{{ }}', /missing value/],
    ['{{ $x }}', /undefined variable "\$x"/],
    ['{{ if .a }}{{ $x := 1 }}{{ end }}{{ $x }}', /undefined variable/],
    ['{{ "a }}', /unterminated/],
    ['{{ (.a }}', /unclosed left paren/],
    ['{{ .a | "b" }}', /non executable/],
    ['{{ .a .b }}', /only a function/],
    ['{{ # }}', /unexpected "#"/],
    [`${'{{ if .a }}'.repeat(500)}`, /deep/],
    [`{{ ${'('.repeat(500)} }}`, /deep/],
  ];
  for (const [template, message] of cases)
    assert.throws(
      () => new Template(template),
      (error) => error instanceof TemplateError && message.test(error.message),
      template,
    );
});

test('a template that cannot be run says so, and never takes the memory of the process', () => {
  for (const template of [
    '{{ .app.x }}',
    '{{ ToLower 1 }}',
    '{{ div 1 0 }}',
    '{{ index (list 1) 5 }}',
    '{{ eq 1 "a" }}',
    '{{ lt .app 1 }}',
    '{{ ToLower .app "b" }}',
    '{{ regexMatch "(" .app }}',
    '{{ repeat 1000000000 "abc" }}',
    '{{ indent 100000 "a" }}',
    '{{ printf "%99999999d" 1 }}',
    `{{ $x := repeat 1000000 "abcdefgh" }}${'{{ $x }}'.repeat(10)}`,
  ])
    assert.throws(() => run(template), TemplateError, template);
});

test('what is not there is what its caller says', () => {
  assert.equal(new Template('[{{ .missing }}]').run(DATA, ''), '[]');
});

test('trimming takes time linear in the text', () => {
  const text = `${' '.repeat(500_000)}x`.repeat(2);
  assert.equal(new Template('{{ len (TrimSpace .Value) }}').run(new Map([['Value', text]])), '500002');
});

test('time stays linear in what a function is given', () => {
  const text = 'A'.repeat(1_000_000);
  assert.equal(new Template('{{ snakecase .x | len }}').run(new Map([['x', text]])), '1000000');
});

test('texts that grow beyond any bound are refused, whatever JavaScript can hold', () => {
  const big = new Map([['x', 'x'.repeat(16 * 1024 * 1024)]]);
  for (const many of [2, 40])
    assert.throws(() => new Template(`{{ len (print ${'.x '.repeat(many)}) }}`).run(big), TemplateError);
});
