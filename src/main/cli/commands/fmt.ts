/** `millrace fmt`: the canonical form of a configuration. */
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { render } from '#config/diag/render.ts';
import { format } from '#config/print/format.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { Command } from '../command.ts';
import { bool, HELP, local, short } from '../flags.ts';
import { EXIT, type Host } from '../host.ts';
import { configBytes } from '#main/graph/file-bytes.ts';
import { STDIN_NAME } from '../read-config.ts';

export const fmt: Command = {
  name: 'fmt',
  usage: 'millrace fmt [FILE] [flags]',
  summary:
    'Format a configuration in Alloy syntax.\nReads standard input without FILE, or with -, and writes to standard output.',
  flags: [
    short('w', local(bool('write', false, 'Write the result to the file.'))),
    short('t', local(bool('test', false, 'Write nothing; exit code 1 when the file is not formatted.'))),
    HELP,
  ],
  positionals: { min: 0, max: 1 },
  run: async ({ values, positionals: [file = '-'] }, { host }) => {
    const isInput = file === '-';
    const isWrite = values.get('write') === true;
    const isTest = values.get('test') === true;
    if (isWrite && isTest) throw new MillraceError('usage', '--write and --test exclude each other');
    if (isWrite && isInput) throw new MillraceError('usage', '--write needs a FILE');
    const name = isInput ? STDIN_NAME : file;
    const bytes = isInput ? await host.stdin() : await configBytes(file);
    const { text, diagnostics } = format(name, bytes);
    if (diagnostics.length > 0) host.stderr(`${render(diagnostics, new Map([[name, bytes.toString()]]))}\n`);
    if (text === null) return failed(host, 'encountered errors during formatting');
    const isFormatted = bytes.equals(Buffer.from(text));
    if (isTest) return isFormatted ? EXIT.ok : failed(host, `${name} is not formatted: run millrace fmt -w ${name}`);
    if (!isWrite) host.stdout(text);
    else if (!isFormatted) await replace(file, text);
    return EXIT.ok;
  },
};

function failed({ stderr }: Host, message: string): number {
  stderr(`Error: ${message}\n`);
  return EXIT.failed;
}

/** Whoever reads the file meanwhile sees the old text or the new one. */
async function replace(file: string, text: string): Promise<void> {
  let beside: string | null = null;
  try {
    // A symbolic link stays one.
    const target = await realpath(file);
    const { mode } = await stat(target);
    const made = `${target}.${process.pid}.tmp`;
    await writeFile(made, text, { mode, flag: 'wx' });
    beside = made;
    await chmod(made, mode);
    await rename(made, target);
  } catch (thrown) {
    if (beside !== null) await rm(beside, { force: true });
    throw new MillraceError('write', `cannot write ${file}: ${errorText(thrown)}`, { cause: thrown });
  }
}
