/** Reads a configuration in either language as what the loader takes. */
import { closeSync, openSync, readSync } from 'node:fs';
import { convertCollector, type Converted } from '#config/convert/convert.ts';
import type { Providers } from '#config/convert/expand.ts';
import { MillraceError } from '#shared/errors.ts';
import { fileErrorText } from '#shared/file-bytes.ts';
import { configBytes } from '../graph/file-bytes.ts';
import { readSources, type Source } from '../graph/source.ts';
import type { Host } from './host.ts';
import type { Made } from './run.ts';
import type { ConfigSettings } from './settings.ts';

/** Of a file that stands for a value. */
const MAX_VALUE_BYTES = 1 << 20;

/** As messages call it. */
export const STDIN_NAME = '<stdin>';

export interface ConfigOrigin extends ConfigSettings {
  readonly paths: readonly string[];
  readonly overrides: readonly string[];
}

/** `auto` goes by the name of the first file. */
export function languageOf({
  format,
  paths: [first = ''],
}: Pick<ConfigOrigin, 'format' | 'paths'>): 'alloy' | 'otelcol' {
  if (format === 'alloy' || format === 'otelcol') return format;
  if (format === 'auto') return /\.ya?ml$/i.test(first) ? 'otelcol' : 'alloy';
  throw new MillraceError(
    'usage',
    `--config.format=${format} is not offered: write the configuration in Alloy syntax or Collector YAML`,
  );
}

/** `-` is standard input. `warn` is told what of a Collector configuration has no counterpart. Rejects with a MillraceError. */
export async function readConfig(
  origin: ConfigOrigin,
  { components }: Pick<Made, 'components'>,
  { env, stdin }: Pick<Host, 'env' | 'stdin'>,
  warn: (message: string) => void,
): Promise<readonly Source[]> {
  const [first = ''] = origin.paths;
  const piped = async (): Promise<Source> => ({ name: STDIN_NAME, bytes: await stdin() });
  if (languageOf(origin) === 'alloy') return first === '-' ? [await piped()] : readSources(first);
  if (origin.extraArgs !== '')
    throw new MillraceError(
      'conversion',
      `extra arguments are not supported for the otelcol converter: ${origin.extraArgs}`,
    );
  const documents = await Promise.all(origin.paths.map((path) => (path === '-' ? piped() : readDocument(path))));
  const overrides = overrideDocuments(origin.overrides);
  const converted = convertCollector([...documents, ...overrides], {
    components: components.values(),
    expand: providers(env),
  });
  refuseErrors(converted, origin.bypassConversionErrors);
  for (const { grade, message, implied, placed } of converted.remarks)
    if (grade === 'Warning' && !implied && !placed) warn(message);
  return sourcesOf(converted, [...documents, ...overrides]);
}

/** Critical ones are among the diagnostics. */
function refuseErrors({ remarks }: Converted, bypass: boolean): void {
  const errors = bypass ? [] : remarks.filter(({ grade, placed }) => grade === 'Error' && !placed);
  if (errors.length > 0) throw new MillraceError('conversion', errors.map(({ message }) => message).join('\nError: '));
}

/** What files refer to counts as part of the configuration. */
function sourcesOf({ files, diagnostics }: Converted, documents: readonly Source[]): Source[] {
  return files.map((file, i) => ({
    name: file.source.name,
    bytes: documents[i]?.bytes ?? Buffer.from(file.source.text),
    parsed: { file, diagnostics: i === 0 ? diagnostics : [] },
  }));
}

async function readDocument(path: string): Promise<Source> {
  if (path.startsWith('yaml:')) return { name: 'yaml', bytes: Buffer.from(path.slice('yaml:'.length)) };
  const file = path.startsWith('file:') ? path.slice('file:'.length) : path;
  if (/^[a-z]{2,}:/i.test(file))
    throw new MillraceError('config_unreadable', `cannot read ${file}: only files and yaml: are offered`);
  return { name: file, bytes: await configBytes(file) };
}

/** One document of YAML for each `KEY=VALUE`. Throws a MillraceError (`usage`). */
export function overrideDocuments(overrides: readonly string[]): readonly Source[] {
  return overrides.map((override, i) => ({ name: `--set ${i + 1}`, bytes: Buffer.from(overrideYaml(override)) }));
}

/** `a.b::c=v` as YAML. */
function overrideYaml(override: string): string {
  const at = override.indexOf('=');
  if (at <= 0) throw new MillraceError('usage', `--set ${override}: write KEY=VALUE`);
  const path = override.slice(0, at).split(/::|\./);
  return `${path.map((name, i) => `${'  '.repeat(i)}${JSON.stringify(name)}:`).join('\n')} ${override.slice(at + 1)}\n`;
}

function providers(env: Readonly<Record<string, string | undefined>>): Providers {
  return {
    env: (name) => env[name],
    file: (path) => {
      try {
        return { text: valueText(path) };
      } catch (thrown) {
        return { problem: `cannot read ${path}: ${fileErrorText(thrown)}` };
      }
    },
  };
}

/** What `${file:PATH}` stands for. A device says no size, so that it is read within the bound. */
function valueText(path: string): string {
  const bytes = Buffer.allocUnsafe(MAX_VALUE_BYTES + 1);
  let length = 0;
  const file = openSync(path, 'r');
  try {
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
  } finally {
    closeSync(file);
  }
  if (length > MAX_VALUE_BYTES) throw new Error('it is larger than 1 MiB');
  return bytes.toString('utf8', 0, length);
}
