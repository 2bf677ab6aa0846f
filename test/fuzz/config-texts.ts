/**
 * Texts in the configuration language: made up with odd but valid spacing and comments, and damaged.
 */
import fc from 'fast-check';

const names = fc.constantFrom('a', 'bb', 'some_name', 'a_rather_long_name', 'é');
const spaces = fc.constantFrom('', '', ' ', '  ', '\t', ' /* c */ ', '/**/');
/** What may stand where a newline does not end anything: after an opening bracket or a comma. */
const breaks = fc.constantFrom(
  '',
  '',
  ' ',
  '\n',
  '\r\n',
  '\n\n\n',
  ' // x\n',
  '\n// own\n',
  '\n\n// one\n\n// two\n',
  ' /* b */ ',
  '\n/* two\n lines */\n',
  '/* two\r\nlines */ // x\r\n',
);
const ends = fc.constantFrom(
  '\n',
  '\n',
  '\n',
  '\r\n',
  '\n\n\n',
  ' // end\n',
  ' /* end */\n',
  '\n// own\n',
  ' /* \n */ ',
);
const literals = fc.constantFrom(
  '1',
  '2.5',
  '.5',
  '1e3',
  '"s"',
  '"\\"\\n"',
  '`raw`',
  '`two\nlines`',
  '`\ttab \n  \n`',
  'true',
  'null',
);
const operators = fc.constantFrom('||', '&&', '==', '!=', '<', '>=', '+', '-', '*', '/', '%', '^');

function list(first: string, elements: readonly (readonly [string, string])[]): string {
  return first + elements.map(([element, after]) => `${element},${after}`).join('');
}

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    literals,
    names,
    fc
      .tuple(tie('expression'), operators, breaks, tie('expression'))
      .map(([left, operator, after, right]) => `${left} ${operator} ${after}${right}`),
    fc
      .tuple(fc.constantFrom('!', '-', '- ', '!/* c */'), tie('expression'))
      .map(([operator, operand]) => operator + operand),
    fc.tuple(breaks, tie('expression'), spaces).map(([before, inner, after]) => `(${before}${inner}${after})`),
    fc.tuple(tie('expression'), spaces, breaks).map(([left, before, after]) => `${left} ${before}.${after}k`),
    fc.tuple(tie('expression'), breaks, tie('expression')).map(([left, before, index]) => `${left}[${before}${index}]`),
    fc
      .tuple(fc.constantFrom('f', 'x.y'), breaks, fc.array(fc.tuple(tie('expression'), breaks), { maxLength: 3 }))
      .map(([name, first, args]) => `${name}(${list(first, args)})`),
    fc
      .tuple(breaks, fc.array(fc.tuple(tie('expression'), breaks), { maxLength: 4 }))
      .map(([first, elements]) => `[${list(first, elements)}]`),
    fc
      .tuple(
        breaks,
        fc.array(
          fc.tuple(
            fc
              .tuple(
                fc.oneof(names, fc.constantFrom('"k y"', '`raw`', '`"`', '"\\""', '`a\nb`', '""')),
                spaces,
                breaks,
                tie('expression'),
              )
              .map(([name, before, after, value]) => `${name}${before}=${after}${value}`),
            breaks,
          ),
          { maxLength: 4 },
        ),
      )
      .map(([first, fields]) => `{${list(first, fields)}}`),
  ),
}));

/** Valid texts. */
export const { file } = fc.letrec<{ file: string }>((tie) => {
  const attribute = fc
    .tuple(names, spaces, breaks, expression)
    .map(([name, before, after, value]) => `${name}${before}=${after}${value}`);
  return {
    file: fc
      .array(
        fc.tuple(
          fc.oneof(
            { maxDepth: 3 },
            attribute,
            attribute,
            fc
              .tuple(
                names,
                fc.constantFrom('', ' "l"', '.b "l"', ' . /* n */ b', '. // n\nb "l"', ' ""', ' /* h */ "l" /* h */'),
                breaks,
                tie('file'),
                fc.constantFrom('', '// last\n', '\n\n'),
              )
              .map(([name, label, before, body, after]) => `${name}${label}{${before}${body}${after}}`),
          ),
          ends,
        ),
        { maxLength: 5 },
      )
      .map((statements) => statements.flat().join('')),
  };
});

const debris = fc.constantFrom(
  '',
  '',
  ...'=(){}[],."`\'\\/*+-!^|&$#\n\r \t\0\ufeff\ud800é'.split(''),
  '//',
  '/*',
  '*/',
  '==',
  '\r\n',
  '0x',
  '1e',
  '\\u12',
  'null',
  '"l" {',
  '😀',
  '= [',
  '{}',
  'a = 1\n',
);

/** The text with some places cut out or overwritten. */
export function damaged(text: string): fc.Arbitrary<string> {
  return fc
    .array(fc.record({ at: fc.nat(text.length), remove: fc.nat(6), insert: debris }), { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((t, edit) => t.slice(0, edit.at) + edit.insert + t.slice(edit.at + edit.remove), text),
    );
}
