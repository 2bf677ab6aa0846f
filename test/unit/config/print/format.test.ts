import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, printFile } from '#config/print/format.ts';
import type { File } from '#config/syntax/ast.ts';
import { Source } from '#config/syntax/source.ts';

/** Formatted, and still so after a second time. */
function formatted(text: string | Uint8Array): string {
  const once = format('t', text);
  assert.deepEqual(once.diagnostics, []);
  assert.equal(format('t', once.text!).text, once.text);
  return once.text!;
}

function check(table: readonly (readonly [text: string, expected: string])[]): void {
  for (const [text, expected] of table) assert.equal(formatted(text), expected, JSON.stringify(text));
}

test('one newline at the end, whatever there was', () => {
  check([
    ['', '\n'],
    ['\n\n\n', '\n'],
    ['a=1', 'a = 1\n'],
    ['a=1\n\n\n', 'a = 1\n'],
    ['// only\n\n\n\n// comments\n\n', '// only\n\n// comments\n'],
    ['/* one */', '/* one */\n'],
  ]);
});

test('statements: a blank line before blocks, at most one elsewhere', () => {
  check([
    ['a=1\n\n\n\nb=2\nc=3', 'a = 1\n\nb = 2\nc = 3\n'],
    ['a=1\nb{}\nc=2\nd{}', 'a = 1\n\nb { }\nc = 2\n\nd { }\n'],
    ['b{\n\n\na=1\n\n\n}', 'b {\n\ta = 1\n}\n'],
    ['b  "x"  {a=1}', 'b "x" {\n\ta = 1\n}\n'],
    ['b "" {c "é" { }}', 'b {\n\tc "é" { }\n}\n'],
    ['a . b . c "x" { }', 'a.b.c "x" { }\n'],
  ]);
});

test('alignment ends at blank lines, comments and values over several lines', () => {
  check([
    ['a=1\nlong=2', 'a    = 1\nlong = 2\n'],
    ['a=1\n\nlong=2', 'a = 1\n\nlong = 2\n'],
    ['a=1\n// c\nlong=2', 'a = 1\n// c\nlong = 2\n'],
    ['a=[\n1,\n]\nlong=2\nb=3', 'a = [\n\t1,\n]\nlong = 2\nb    = 3\n'],
    ['a=`x\ny`\nlong=2', 'a = `x\ny`\nlong = 2\n'],
    ['a=1 // x\nlong="text" /* y */', 'a    = 1      // x\nlong = "text" /* y */\n'],
  ]);
});

test('what is joined to one line is aligned as one line', () => {
  check([
    ['a=1+\n2\nlong=3', 'a    = 1 + 2\nlong = 3\n'],
    ['a=(\n1)\nlong=3', 'a    = (1)\nlong = 3\n'],
    ['a=[\n]\nlong={\n}', 'a    = []\nlong = {}\n'],
    ['a=f(\n)', 'a = f()\n'],
  ]);
});

test('expressions', () => {
  check([
    ['a=-1 ^!b. c [ 0 ] ( 1,2 ) . d', 'a = -1 ^ !b.c[0](1, 2).d\n'],
    ['a=1 .x\nb=1..x', 'a = 1 .x\nb = 1..x\n'],
    ['a=[1,2,]\nb={c=1,"d"=2,}', 'a = [1, 2]\nb = {c = 1, "d" = 2}\n'],
    ['a=[1,\n2,[3,\n4],\n]', 'a = [1,\n\t2, [3,\n\t4],\n]\n'],
    ['a=f(1,\n2)', 'a = f(1,\n\t2)\n'],
    ['a=f(\n{b=1,\ncc=2,\n},\n)', 'a = f(\n\t{b = 1,\n\t\tcc = 2,\n\t},\n)\n'],
  ]);
});

test('raw strings are kept, tabs and blanks at line ends too', () => {
  check([
    ['b{\na=`\tx \n\t y\t\n\n`\nlong=1\n}', 'b {\n\ta = `\tx \n\t y\t\n\n`\n\tlong = 1\n}\n'],
    ['a=`x\ny` // c', 'a  = `x\ny` // c\n'],
  ]);
});

test('keys: double quotes where the key can stand in them', () => {
  check([
    ['a={`k`=1,"l"=2,m=3}', 'a = {"k" = 1, "l" = 2, m = 3}\n'],
    ['a={"k\\"l"=1,`"`=2,`m\nn`=3,""=4}', 'a  = {"k\\"l" = 1, `"` = 2, `m\nn` = 3, ""   = 4}\n'],
  ]);
});

test('comments stay between the tokens where they were', () => {
  check([
    ['a = 1 // x\n// y\nb = 2 // z', 'a = 1 // x\n// y\nb = 2 // z\n'],
    ['b { // x\n// y\na=1\n// z\n}', 'b { // x\n\t// y\n\ta = 1\n\t// z\n}\n'],
    ['b {\n\n// x\n\n}', 'b {\n\n\t// x\n\n}\n'],
    ['b { /* x */ }', 'b { /* x */ }\n'],
    ['b /* x */ "l" /* y */ { a=1 }', 'b /* x */ "l" /* y */ {\n\ta = 1\n}\n'],
    [
      'a=[ // x\n1, // y\n// z\n\n2, /* w */ 3,\n// v\n]',
      'a = [ // x\n\t1, // y\n\t// z\n\n\t2, /* w */ 3,\n\t// v\n]\n',
    ],
    ['a={ // x\nb=1, // y\n// z\n}', 'a = { // x\n\tb = 1, // y\n\t// z\n}\n'],
    ['a=f(1, // x\n2, // y\n// z\n)', 'a = f(1, // x\n\t2, // y\n\t// z\n)\n'],
    ['a=f(\n// x\n)', 'a = f(\n// x\n)\n'],
    ['a = 1 + // x\n2', 'a = 1 + // x\n2\n'],
    ['a=f(\n1,\n) // x\n// y\nb=2', 'a = f(\n\t1,\n) // x\n// y\nb = 2\n'],
    ['/* x\n  y */\na=1', '/* x\n  y */\na = 1\n'],
  ]);
});

test('a comment in front of "=", a comma or a parenthesis goes behind it', () => {
  check([
    ['a /* x */ = 1', 'a = /* x */ 1\n'],
    ['a = [1 /* x */, 2]', 'a = [1, /* x */ 2]\n'],
    ['a = f(1 /* x */)', 'a = f(1) /* x */\n'],
    ['a = // x\n(1)', 'a = // x\n(1)\n'],
  ]);
});

test('comments inside a name go before it', () => {
  check([
    ['a = 1\nb. // x\n// y\nc { }', 'a = 1\n// x\n// y\nb.c { }\n'],
    ['b /* x */ . /* y */ c "l" { }', '/* x */ /* y */ b.c "l" { }\n'],
    ['b.\n\n// x\n\nc { }', '// x\n\nb.c { }\n'],
  ]);
});

test('CRLF becomes LF and a byte order mark goes', () => {
  assert.equal(
    formatted(Buffer.from('\ufeffb {\r\n\ta = 1 // x\r\n\r\n\tc = `y\r\nz` /* v\r\nw */\r\n}\r\n')),
    'b {\n\ta = 1 // x\n\n\tc = `y\nz` /* v\nw */\n}\n',
  );
});

test('syntax errors give no text', () => {
  const { text, diagnostics } = format('t', 'a = ]\n');
  assert.equal(text, null);
  assert.equal(diagnostics.length, 1);
});

test('chains as long as a file', () => {
  const text = `a = b${'.c'.repeat(20_000)}${' + 1'.repeat(20_000)}\n`;
  assert.equal(formatted(text), text);
});

test('a tree without text prints all of its tokens', () => {
  const at = { start: 0, end: 0 };
  const name = (text: string) => ({ ...at, text });
  const one = { ...at, kind: 'literal', token: 'NUMBER', text: '1' } as const;
  const file: File = {
    source: new Source('t', ''),
    comments: [],
    body: [
      {
        ...at,
        kind: 'block',
        parts: ['a', 'b'],
        name: name('a.b'),
        label: name('l'),
        body: [
          { ...at, kind: 'attr', name: name('c'), value: { ...at, kind: 'array', elements: [one, one] } },
          {
            ...at,
            kind: 'attr',
            name: name('long'),
            value: { ...at, kind: 'object', fields: [{ name: name('k\n'), quoted: true, value: one }] },
          },
        ],
      },
    ],
  };
  assert.equal(printFile(file), 'a.b "l" {\n\tc    = [1, 1]\n\tlong = {`k\n` = 1}\n}\n');
});
