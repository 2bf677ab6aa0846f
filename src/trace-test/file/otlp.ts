/** OTLP/JSON in a test file, or in files that it names: a request, or one on each line as the Collector's file exporter writes them. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { JsonError } from '#codec/otlp/json/error.ts';
import { jsonToProto } from '#codec/otlp/json/read.ts';
import type { YamlNode } from '#config/yaml/node.ts';
import { fileErrorText } from '#shared/file-bytes.ts';
import { signalOfJson } from '../items/requests.ts';
import { valueOf } from '../items/value.ts';
import type { Places } from './places.ts';
import { itemsIn, textIn } from './places.ts';
import type { OtlpRequest } from './test-file.ts';

const MAX_FILE_BYTES = 64 << 20;
const WANTED = 'expected OTLP/JSON with resourceSpans, resourceMetrics or resourceLogs';

export async function readOtlp(node: YamlNode | undefined, places: Places): Promise<readonly OtlpRequest[]> {
  if (node === undefined) return [];
  const path = node.kind === 'scalar' ? textIn(node) : null;
  if (path !== null) return readFileOf(path, node, places);
  const inline = node.kind === 'list' ? itemsIn(node) : [node];
  return inline.flatMap((one) => {
    if (one.kind !== 'map') return [];
    const text = JSON.stringify(valueOf(one), (_key, value: unknown) =>
      typeof value === 'bigint' ? jsonInteger(value) : value,
    );
    return encode(text, [...one.entries.keys()], one, '', places);
  });
}

/** Enums have to be numbers, and what a double does not hold a text. */
const jsonInteger = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

async function readFileOf(path: string, node: YamlNode, places: Places): Promise<readonly OtlpRequest[]> {
  const file = beside(places.source.name, path);
  let text: string;
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES) throw new Error('it is larger than 64 MiB');
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    places.error('unreadable', `cannot read ${file}: ${fileErrorText(thrown)}`, node.at);
    return [];
  }
  const whole = parsed(text);
  if (whole !== null) return encode(text, Object.keys(whole), node, `${file}: `, places);
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const where = `${file}:${i + 1}: `;
    const request = parsed(line);
    if (request !== null) return encode(line, Object.keys(request), node, where, places);
    places.error('otlp', `${where}${WANTED}`, node.at);
    return [];
  });
}

/** Where a file that a test names is: beside the test. */
export function beside(test: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(test), path);
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return null;
  }
}

function encode(
  text: string,
  keys: readonly string[],
  node: YamlNode,
  where: string,
  places: Places,
): readonly OtlpRequest[] {
  const signal = signalOfJson(keys);
  if (signal === null) {
    places.error('otlp', `${where}${WANTED}`, node.at);
    return [];
  }
  try {
    return [{ signal, bytes: jsonToProto(signal, text), span: places.span(node.at) }];
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown;
    places.error('otlp', `${where}${thrown.message}`, node.at);
    return [];
  }
}
