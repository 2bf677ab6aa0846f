/**
 * Results as JUnit XML, as CI systems read it:
 *
 *     testsuites tests failures errors time
 *       testsuite name tests failures errors time     one for each file
 *         testcase name classname file line time
 *           failure | error message                   with the text that is printed; error: the file is no test
 */
export interface SuiteResult {
  readonly file: string;
  /** What is wrong with the file; null: it is a test. */
  readonly error: string | null;
  readonly cases: readonly JunitCase[];
}

export interface JunitCase {
  readonly name: string;
  readonly line: number;
  readonly seconds: number;
  /** The first line of `text`; null: passed. */
  readonly failure: string | null;
  readonly text: string;
}

export function junitXml(suites: readonly SuiteResult[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const errors = suites.filter(({ error }) => error !== null).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="millrace trace-test" ${figures(all, errors)}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines({ file, error, cases }: SuiteResult): string[] {
  return [
    `  <testsuite name="${escaped(file)}" ${figures(cases, error === null ? 0 : 1)}>`,
    ...(error === null
      ? []
      : [
          `    <testcase name="${escaped(file)}" classname="${escaped(file)}" file="${escaped(file)}" time="0.000">`,
          `      <error message="the file is no test">${escaped(error)}</error>`,
          '    </testcase>',
        ]),
    ...cases.flatMap((one) => caseLines(file, one)),
    '  </testsuite>',
  ];
}

function caseLines(file: string, { name, line, seconds, failure, text }: JunitCase): string[] {
  const head = `    <testcase name="${escaped(name)}" classname="${escaped(file)}" file="${escaped(file)}" line="${line}" time="${seconds.toFixed(3)}"`;
  if (failure === null) return [`${head}/>`];
  return [`${head}>`, `      <failure message="${escaped(failure)}">${escaped(text)}</failure>`, '    </testcase>'];
}

function figures(cases: readonly JunitCase[], errors: number): string {
  const failures = cases.filter(({ failure }) => failure !== null).length;
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
  return `tests="${cases.length + errors}" failures="${failures}" errors="${errors}" time="${seconds.toFixed(3)}"`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 has no characters for most control codes, whatever the escape. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character]);
}
