/**
 * How long hostile configuration text keeps the parser, the evaluator, the formatter and the renderer of diagnostics busy:
 * part of `npm run bench:config`. Each case is measured at 64 KiB and at four times that; a ratio near 4 is linear.
 */
import { render } from '#config/diag/render.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { library } from '#config/eval/library/library.ts';
import { format } from '#config/print/format.ts';
import { parse } from '#config/syntax/parse.ts';

const KIB64 = 64 * 1024;
const scope = library({ variable: () => undefined, hostname: 'h', os: 'linux', arch: 'amd64', version: 'v0' });
const repeat =
  (piece: string, before = 'a = ', after = '\n') =>
  (length: number) =>
    before + piece.repeat(Math.floor(length / piece.length)) + after;

const CASES: Readonly<Record<string, (length: number) => string>> = {
  'open brackets': repeat('['),
  'open braces': repeat('{'),
  'open parentheses': repeat('('),
  'open blocks': repeat('b {', ''),
  negations: repeat('!'),
  'minus signs': repeat('-'),
  accesses: repeat('.a', 'a = b'),
  indexes: repeat('[0]', 'a = b'),
  calls: repeat('()', 'a = b'),
  sums: repeat('1 + ', 'a = ', '1\n'),
  powers: repeat('2 ^ ', 'a = ', '2\n'),
  quotes: repeat('"', ''),
  backticks: repeat('`', ''),
  'comment openings': repeat('/*', ''),
  'line comments': repeat('// x\n', ''),
  'block comments': repeat('/* x */ ', 'a = 1 ', '\n'),
  digits: repeat('9'),
  zeros: repeat('0'),
  'long string': repeat('x', 'a = "', '"\n'),
  'blanks in a string': repeat(' ', 'a = "', '"\n'),
  blanks: repeat(' '),
  'line breaks': repeat('\n', ''),
  'NUL characters': repeat('\0', ''),
  'byte order marks': repeat('\ufeff', ''),
  'lone surrogates': repeat('\ud800', ''),
  'unknown names': repeat('a = b + c\n', ''),
  'unknown functions': repeat('a = f(g())\n', ''),
  attributes: repeat('aa = 1\n', ''),
  blocks: repeat('b "l" { }\n', ''),
  'elements of a list': repeat('1, ', 'a = [', ']\n'),
  'lines of a list': repeat('1,\n', 'a = [\n', ']\n'),
  'fields of an object': repeat('aa = 1,\n', 'a = {\n', '}\n'),
  'same fields': repeat('a = {}, ', 'a = {', '}\n'),
  'joined strings': repeat('"x" + ', 'a = ', '"x"\n'),
  'carriage returns': repeat('a = 1\r\n', ''),
};

function busyMs(text: string): number {
  const start = performance.now();
  const { file, diagnostics } = parse('hostile.alloy', text);
  const found = [...diagnostics, ...evaluateBody(file.source, file.body, scope).diagnostics];
  render(found, new Map([['hostile.alloy', text]]));
  format('hostile.alloy', text);
  return performance.now() - start;
}

export function hostile(): void {
  console.log('case                        64 KiB ms   256 KiB ms   ratio');
  for (const [name, make] of Object.entries(CASES)) {
    busyMs(make(1024));
    const small = busyMs(make(KIB64));
    const large = busyMs(make(4 * KIB64));
    console.log(
      `${name.padEnd(24)} ${small.toFixed(1).padStart(11)} ${large.toFixed(1).padStart(12)} ${(large / small).toFixed(1).padStart(7)}`,
    );
  }
}
