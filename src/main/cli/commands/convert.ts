/** `millrace convert`: OpenTelemetry Collector YAML to Alloy syntax. */
import { writeFile } from 'node:fs/promises';
import { convertCollector, type Grade, type Remark } from '#config/convert/convert.ts';
import { render } from '#config/diag/render.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { Command } from '../command.ts';
import { bool, HELP, local, short, text } from '../flags.ts';
import { EXIT } from '../host.ts';
import { configBytes } from '#main/graph/file-bytes.ts';
import { STDIN_NAME } from '../read-config.ts';

export const convert: Command = {
  name: 'convert',
  usage: 'millrace convert --source-format otelcol [FILE] [flags]',
  summary:
    'Convert OpenTelemetry Collector YAML to Alloy syntax.\nReads standard input without FILE, or with -. What has no counterpart is told on stderr; with errors nothing is written.',
  flags: [
    {
      kind: 'choice',
      name: 'source-format',
      short: 'f',
      local: true,
      default: '',
      choices: ['otelcol', 'prometheus', 'promtail', 'static'],
      doc: 'The language of the source. Only otelcol is offered.',
    },
    short('o', local(text('output', '', 'File to write to; standard output when not set.'))),
    short('r', local(text('report', '', 'File for everything that is to be said about the conversion.'))),
    short('b', local(bool('bypass-errors', false, 'Write a result in spite of errors, unless they are critical.'))),
    short('e', local(text('extra-args', '', 'Extra arguments of the conversion; that of otelcol takes none.'))),
    HELP,
  ],
  stability: 'public-preview',
  positionals: { min: 0, max: 1 },
  run: async ({ values, positionals: [file = '-'] }, { made, host }) => {
    const source = values.get('source-format') as string;
    if (source === '') throw new MillraceError('usage', 'convert needs --source-format otelcol');
    if (source !== 'otelcol')
      throw new MillraceError('usage', `--source-format ${source} is not offered: only otelcol is`);
    const extra = values.get('extra-args') as string;
    if (extra !== '')
      throw new MillraceError('conversion', `extra arguments are not supported for the otelcol converter: ${extra}`);
    const name = file === '-' ? STDIN_NAME : file;
    const bytes = file === '-' ? await host.stdin() : await configBytes(file);
    const converted = convertCollector([{ name, bytes }], { components: made.components.values() });
    const { remarks, diagnostics, texts } = converted;

    const bypass = values.get('bypass-errors') === true;
    const report = values.get('report') as string;
    if (report !== '') await write(report, reportText(remarks, bypass));
    const stops = remarks.some(({ grade }) => grade === 'Critical' || (grade === 'Error' && !bypass));
    // What has a place is shown there, the rest as Alloy lists it.
    host.stderr(
      remarks
        .filter(({ grade, placed }) => grade !== 'Info' && !placed)
        .map((remark) => `${line(remark)}\n`)
        .join(''),
    );
    if (diagnostics.length > 0) host.stderr(`${render(diagnostics, texts)}\n`);
    if (converted.text === null || stops) {
      host.stderr('Error: the configuration could not be converted\n');
      return EXIT.failed;
    }
    const output = values.get('output') as string;
    if (output === '') host.stdout(converted.text);
    else await write(output, converted.text);
    return EXIT.ok;
  },
};

/** The gravest grade decides what is listed, and what stands at the end, as in Alloy's reports. */
function reportText(remarks: readonly Remark[], bypass: boolean): string {
  const has = (grade: Grade): boolean => remarks.some((remark) => remark.grade === grade);
  const [grades, end]: [readonly Grade[], string] = has('Critical')
    ? [['Critical'], 'No configuration was written: something is critical.']
    : has('Error') && !bypass
      ? [['Error'], 'No configuration was written: there are errors. --bypass-errors writes one all the same.']
      : [['Info', 'Warning', 'Error'], 'The configuration was written.'];
  const lines = remarks.filter(({ grade }) => grades.includes(grade)).map(line);
  return `${lines.join('\n')}\n\n${end}`;
}

function line({ grade, message }: Remark): string {
  return `(${grade}) ${message}`;
}

async function write(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (thrown) {
    throw new MillraceError('write', `cannot write ${file}: ${errorText(thrown)}`, { cause: thrown });
  }
}
