import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_NESTING, type Expr, type Statement } from '#config/syntax/ast.ts';
import { parse, parseExpression } from '#config/syntax/parse.ts';

function errors(text: string | Uint8Array): string[] {
  return parse('t', text).diagnostics.map((d) => `${d.span.line}:${d.span.col} ${d.message}`);
}

/** The tree as a form with all parentheses. */
function form(expr: Expr): string {
  switch (expr.kind) {
    case 'literal':
      return expr.text;
    case 'identifier':
      return expr.name;
    case 'array':
      return `[${expr.elements.map(form).join(' ')}]`;
    case 'object':
      return `{${expr.fields.map((f) => `${f.name.text}=${form(f.value)}`).join(' ')}}`;
    case 'paren':
      return `<${form(expr.inner)}>`;
    case 'access':
      return `(${form(expr.left)} . ${expr.name.text})`;
    case 'index':
      return `(${form(expr.left)} [] ${form(expr.index)})`;
    case 'call':
      return `(${form(expr.left)} ()${expr.args.map((a) => ` ${form(a)}`).join('')})`;
    case 'unary':
      return `(${expr.operator} ${form(expr.operand)})`;
    case 'binary':
      return `(${form(expr.left)} ${expr.operator} ${form(expr.right)})`;
  }
}
const shape = (text: string): string => {
  const { expr, diagnostics } = parseExpression('t', text);
  assert.deepEqual(diagnostics, [], text);
  return form(expr);
};

test('operators group by precedence; all but ^ to the left', () => {
  assert.equal(shape('a || b && c == d + e * f ^ g'), '(a || (b && (c == (d + (e * (f ^ g))))))');
  assert.equal(shape('a - b + c'), '((a - b) + c)');
  assert.equal(shape('a ^ b ^ c'), '(a ^ (b ^ c))');
  assert.equal(shape('-a ^ -b'), '((- a) ^ (- b))');
  assert.equal(shape('!a.b[0](1, 2,).c'), '(! ((((a . b) [] 0) () 1 2) . c))');
  assert.equal(shape('(a) % [b, {c = d}]'), '(<a> % [b {c=d}])');
});

test('blocks: dotted names, labels, nesting, positions', () => {
  const { file, diagnostics } = parse(
    't',
    'otelcol.exporter.otlp "tempo" {\n  client {\n    endpoint = "x"\n  }\n}\nempty "" { }\none { a = 1 }',
  );
  assert.deepEqual(diagnostics, []);
  const [outer, empty, one] = file.body as readonly (Statement & { kind: 'block' })[];
  assert.deepEqual(
    [outer.name.text, outer.parts, outer.label?.text],
    ['otelcol.exporter.otlp', ['otelcol', 'exporter', 'otlp'], 'tempo'],
  );
  assert.deepEqual(file.source.span(outer.start, outer.end), { file: 't', line: 1, col: 1, endLine: 5, endCol: 2 });
  assert.deepEqual([empty.label, empty.body.length, one.body[0].kind], [null, 0, 'attr']);
});

test('a newline ends a statement only where it can; block comments over a line count as one', () => {
  assert.deepEqual(errors('a = 1 +\n  2\nb = [\n  1,\n]\n'), []);
  assert.deepEqual(errors('a = 1 /* c */ + /* d */ 2 // e\nb = 2 /* f\n */ c = 3 /* g */'), []);
  assert.deepEqual(errors('a = 1\n  + 2\n'), ['2:3 expected identifier, got +']);
  assert.deepEqual(errors('a = 1 b = 2\nc = 3'), ['1:7 expected TERMINATOR, got IDENT']);
});

test('comments are kept, with places, in order', () => {
  const text = '// one\r\na = 1 /* two */ // three\n/* four\n*/\n';
  const { file, diagnostics } = parse('t', text);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    file.comments.map((c) => c.text),
    ['// one', '/* two */', '// three', '/* four\n*/'],
  );
  for (const comment of file.comments) assert.equal(text.slice(comment.start, comment.end), comment.text);
});

test('CRLF, a byte order mark at the start, no newline at the end', () => {
  assert.deepEqual(errors('\ufeffa = 1\r\nb {\r\n  c = `x\r\ny`\r\n}'), []);
  assert.deepEqual(errors(Buffer.from('\ufeffa = "é"')), []);
  assert.deepEqual(errors('a = 1\nb = \ufeff2'), ['2:5 illegal byte order mark']);
});

test('bytes that are not UTF-8 are reported where they are', () => {
  assert.deepEqual(
    errors(
      Buffer.from([
        ...Buffer.from('é = "'),
        0xff,
        ...Buffer.from('"\nb = "\ufffd"\nc = "€'),
        0xe2,
        0x82,
        ...Buffer.from('"\n'),
      ]),
    ),
    ['1:6 illegal UTF-8 encoding', '3:7 illegal UTF-8 encoding'],
  );
  assert.deepEqual(errors('a = "\ud800"'), ['1:6 illegal UTF-8 encoding']);
  assert.deepEqual(errors('a = "\0"'), ['1:6 illegal character NUL']);
});

test('a file in UTF-16 is refused with one error, and read', () => {
  for (const bytes of [
    Buffer.from('\ufeffa = 1\nb = ]\n', 'utf16le'),
    Buffer.from('\ufeffa = 1\nb = ]\n', 'utf16le').swap16(),
  ])
    assert.deepEqual(errors(bytes), ['1:1 illegal UTF-8 encoding', '2:5 expected expression, got ]']);
});

test('lexical errors', () => {
  for (const text of ["a = 'x'", "a = 'x", "a = 'it\\'s' + 1"])
    assert.deepEqual(errors(text), ['1:5 illegal single-quoted string; use double quotes']);
  assert.deepEqual(errors('a = "x\nb = 1'), ['1:5 string literal not terminated']);
  assert.deepEqual(errors('a = `x\nb = 1'), ['1:5 string literal not terminated']);
  assert.deepEqual(errors('a = 1 /* x'), ['1:7 block comment not terminated']);
  assert.deepEqual(errors('a = "\\q"\nb = "\\x4"\nc = "\\ud800"\nd = "\\400"\ne = "\\09"'), [
    '1:6 unknown escape sequence',
    '2:6 illegal character in escape sequence: \\x takes 2 hexadecimal digits',
    '3:6 escape sequence is invalid Unicode code point',
    '4:6 escape sequence is invalid Unicode code point',
    '5:6 an octal escape has three digits from 0 to 7',
  ]);
  assert.deepEqual(errors('a = 1e\nb = true | false\nc = true & false'), [
    '1:5 exponent has no digits',
    '2:11 missing second | in ||',
    '3:11 missing second & in &&',
  ]);
  assert.deepEqual(errors('a = 1 ; b = 2'), ["1:7 illegal character U+003B ';'"]);
  assert.deepEqual(errors('a = 0xFF'), ['1:6 expected TERMINATOR, got IDENT']);
});

test('errors of several statements come at once, one a line', () => {
  assert.deepEqual(
    errors('a = ] ] ]\nb = 2\nc.d = 3\ne = {1 = 2}\nf "g" = 4\nh {\n  i = \n}\nj = [1 2]\nk "bad-label" {}\nl x {}\n'),
    [
      '1:5 expected expression, got ]',
      '3:1 attribute names may only consist of a single identifier with no "."',
      '4:6 expected field name (string or identifier), got NUMBER',
      '5:3 attribute names may not have labels',
      '8:1 expected expression, got }',
      "9:8 missing ',' in expression list",
      '10:3 expected block label to be a valid identifier, but got "bad-label"',
      '11:3 expected block label, got IDENT',
    ],
  );
});

test('one mistake gives one error, and what comes after is read again', () => {
  const table: [text: string, expected: string[]][] = [
    ['a { b = 1; }\nc = ]', ["1:10 illegal character U+003B ';'", '2:5 expected expression, got ]']],
    ['a { b = 1; c = 2; }', ["1:10 illegal character U+003B ';'"]],
    ['a {\n  ;\n}\nb { c = 1 }', ["2:3 illegal character U+003B ';'"]],
    ['a { b { c = 1 } d = 2 }', ['1:17 expected TERMINATOR, got IDENT']],
    ['a { b { c = 1 } d = [2, }\ne { f = 1 }', ['1:17 expected TERMINATOR, got IDENT']],
    ['a { b = 1 c = { d = 2 } }', ['1:11 expected TERMINATOR, got IDENT']],
    ["a {\n  b = 'x'\n}", ['2:7 illegal single-quoted string; use double quotes']],
    ['a {\n  5 = 1\n}\nb { c = 1 }', ['2:3 expected identifier, got NUMBER']],
    ['a {\n  b.c "x"\n}\nb { c = 1 }', ['2:10 expected block body, got TERMINATOR']],
    ['a = [\n  1,\nb = 1\nc = 2\nd = ]', ["3:3 missing ',' in expression list", '5:5 expected expression, got ]']],
    [
      'a {\n  b = f(1,\n  c = [g(2,\n}\nd = ]',
      ["3:5 missing ',' in expression list", '5:5 expected expression, got ]'],
    ],
    ['a = {\n  b = 1,\nc "x" {\n  d = 1\n}\ne = ]', ['3:3 expected =, got STRING', '6:5 expected expression, got ]']],
    [
      'a = (1 +\nb "x" {\n  c = 1\n}\nd = ]',
      ['2:1 cannot use a block as an expression', '5:5 expected expression, got ]'],
    ],
    [
      'a = {b = 1, , c = 2}\nd = ]',
      ['1:13 expected field name (string or identifier), got ,', '2:5 expected expression, got ]'],
    ],
    ['a {\n  b = `x\n}\n', ['2:7 string literal not terminated']],
    ['a {\n  b = 1 /* x\n}\n', ['2:9 block comment not terminated']],
    ['a = 1\n}\nb = ]', ['2:1 expected identifier, got }', '3:5 expected expression, got ]']],
  ];
  for (const [text, expected] of table) assert.deepEqual(errors(text), expected, text);
});

test('tokens as long as a file do not overflow the stack', () => {
  const long = 'x'.repeat(20_000_000);
  assert.equal(errors(`a = '${long}`).length, 1);
  assert.equal(errors(`a = "${long}`).length, 1);
});

test('of a line with an illegal character only the first is told', () => {
  assert.deepEqual(errors(Buffer.from([...Buffer.from('a = '), 0xff, 0, 0x24, 0x26, 0x0a, 0x24, 0x24])), [
    '1:5 illegal UTF-8 encoding',
    "2:1 illegal character U+0024 '$'",
  ]);
});

test('the limit of nesting is a diagnostic, not a stack overflow', () => {
  const deep = 100_000;
  for (const text of [
    `a = ${'('.repeat(deep)}`,
    `a = ${'['.repeat(deep)}`,
    `a = ${'-'.repeat(deep)}1`,
    `a = ${'{a='.repeat(deep)}`,
    'a {\n'.repeat(deep),
    `a = ${'2^'.repeat(deep)}2`,
    `a = ${'f('.repeat(deep)}`,
    `a = ${'b {'.repeat(deep)}`,
  ]) {
    const { diagnostics } = parse('t', text);
    assert.equal(diagnostics.length, 1, text.slice(0, 20));
    assert.equal(diagnostics[0].message, `nested too deeply: at most ${MAX_NESTING} levels are allowed`);
  }
  assert.deepEqual(errors(`a = ${'('.repeat(MAX_NESTING - 2)}1${')'.repeat(MAX_NESTING - 2)}`), []);
});

test('a file of garbage gives a bounded number of errors', () => {
  assert.equal(parse('t', '$\n'.repeat(100_000)).diagnostics.length, 500);
});
