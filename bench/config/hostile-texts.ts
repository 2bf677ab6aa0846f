/**
 * The worst configurations of a given size that we could think of: everything that may be long, deep or many, is.
 */
export type HostileText = (length: number) => string | Uint8Array;

function repeated(unit: string, before = 'a = ', after = '\n'): HostileText {
  return (length) => before + unit.repeat(Math.ceil(length / unit.length)) + after;
}

function latin1(unit: string): HostileText {
  return (length) => Buffer.from(unit.repeat(length / unit.length), 'latin1');
}

const BRACKETS: Record<string, HostileText> = Object.fromEntries(
  ['[', '{', '(', '{a=', 'a[', 'f(', 'x{', '-(', 'f("', '{"', '}', ')', ']'].map((unit) => [unit, repeated(unit)]),
);

const OPERATORS: Record<string, HostileText> = {
  ...Object.fromEntries(
    ['!', '-', 'a.', '2^', '.', '&', '|\n', ',', '=', '0.'].map((unit) => [JSON.stringify(unit), repeated(unit)]),
  ),
  'x.b.b': repeated('.b', 'a = x'),
  'x[0][0]': repeated('[0]', 'a = x'),
  'x()()': repeated('()', 'a = x'),
  '1+1+1': repeated('1+', 'a = ', '1\n'),
  'true||true': repeated('true||', 'a = ', 'true\n'),
  '"x"+"x"': repeated('"x"+', 'a = ', '"x"\n'),
  '[]==[]': repeated('[]==', 'a = ', '[]\n'),
};

const LITERALS: Record<string, HostileText> = {
  'long whole number': repeated('9'),
  'long octal number': repeated('0'),
  'long fraction': repeated('9', 'a = 1.'),
  'long exponent': repeated('9', 'a = 1e'),
  'many numbers': repeated('9,', 'a = [', ']\n'),
  '"': repeated('"'),
  '`': repeated('`'),
  "'": repeated("'"),
  'a"b"': repeated('a"b"'),
  'unterminated string': repeated('x', 'a = "', ''),
  'unterminated raw string': repeated('x\n', 'a = `', ''),
  escapes: repeated('\\n', 'a = "', '"\n'),
  'bad escapes': repeated('\\q', 'a = "', '"\n'),
  'raw string of many lines': repeated('x\n', 'a = `', '`\n'),
  'many raw strings': repeated('`x\n`,', 'a = [', ']\n'),
  'long name': repeated('x', '', ' = 1\n'),
  'long value': repeated('x'),
  'long label': repeated('x', 'a "', '" { }\n'),
  'label of blanks': repeated(' ', 'a "', '" { }\n'),
  'label of tabs in a raw string': repeated('\t', 'a `', '` { }\n'),
  'label of lines': repeated('\n', 'a `', '` { }\n'),
  'key of blanks': repeated(' ', 'a = {"', '" = b}\n'),
};

const COMMENTS: Record<string, HostileText> = {
  '/*': repeated('/*', ''),
  '//': repeated('//', ''),
  '/**/': repeated('/**/', ''),
  '/**/ between tokens': repeated('/**/.b', 'a = x'),
  '/**/ between operators': repeated('/**/+b', 'a = x'),
  '/**/ at the end of lines': repeated('a=1 /**/ /**/ /**/\n', ''),
  'unterminated comment': repeated('x\n', '/* ', ''),
  'returns in a comment': repeated('*\r', '/*', '*/'),
  'many comments': repeated('// c\n', ''),
  'comments in a list': repeated('1, // c\n', 'a = [\n', ']\n'),
};

const STATEMENTS: Record<string, HostileText> = {
  attributes: repeated('a=1\n', ''),
  blocks: repeated('a{}\n', ''),
  'the same block': repeated('a "b" { }\n', ''),
  'open blocks': repeated('a {\n', ''),
  'open lists': repeated('a = [1,\n', ''),
  'list lines': repeated('1,\n', 'a = [\n', ']\n'),
  'field lines': repeated('a=1,\n', 'a = {\n', '}\n'),
  'deep blocks': (length) => `${'a {\n'.repeat(190)}${'b=1\n'.repeat(length / 4)}${'}\n'.repeat(190)}`,
  'deep list': (length) => `a = ${'['.repeat(190)}${'1,\n'.repeat(length / 3)}${']'.repeat(190)}\n`,
  'one very long name': (length) => `${'w'.repeat(length / 2)} = 1\n${'a=1\n'.repeat(length / 8)}`,
  'one long name': (length) => `${'w'.repeat(1000)} = 1\n${'a=1\n'.repeat(length / 4)}`,
};

const MISTAKES: Record<string, HostileText> = {
  'a = ]': repeated('a = ]\n', ''),
  'missing commas': repeated('1 ', 'a = [', ']\n'),
  'missing commas on lines': repeated('1\n', 'a = [', ']\n'),
  $: repeated('$', ''),
  '$ on lines': repeated('$\n', ''),
  'dotted attributes': repeated('a.b = 1\n', ''),
  'single quotes': repeated("a = 'x'\n", ''),
};

const CHARACTERS: Record<string, HostileText> = {
  NUL: repeated('\0', ''),
  'NUL on lines': repeated('\0\n', ''),
  'byte order marks': repeated('\ufeff', ''),
  'half surrogates': repeated('\ud800', ''),
  emoji: repeated('😀', ''),
  letters: repeated('é', ''),
  CRLF: repeated('\r\n', ''),
  CR: repeated('\r', ''),
  LF: repeated('\n', ''),
  blanks: repeated(' ', 'a = 1', '2\n'),
  'byte FF': latin1('\xff'),
  'byte FF on lines': latin1('\xff\n'),
  'cut characters': latin1('\xe2\x82'),
  'UTF-16': (length) => Buffer.from(`\ufeff${'a = 1\n'.repeat(length / 12)}`, 'utf16le'),
};

/** By name; each makes a text of about `length` bytes. */
export const HOSTILE_TEXTS: ReadonlyMap<string, HostileText> = new Map(
  Object.entries({
    ...BRACKETS,
    ...OPERATORS,
    ...LITERALS,
    ...COMMENTS,
    ...STATEMENTS,
    ...MISTAKES,
    ...CHARACTERS,
  }),
);
