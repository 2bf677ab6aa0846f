/** Dynatrace: the properties that OneAgent leaves on the host, lines of `key=value`. */
import { type Detector } from './detector.ts';

const FOLDER = '/var/lib/dynatrace/enrichment';
const FILE = 'dt_host_metadata.properties';
const KEYS: readonly string[] = ['dt.entity.host', 'host.name', 'dt.smartscape.host'];

export const detect: Detector = async ({ env }) => {
  const path =
    env.host.platform === 'win32'
      ? `${env.variables['ProgramData'] || 'C:\\ProgramData'}\\dynatrace\\enrichment\\${FILE}`
      : `${FOLDER}/${FILE}`;
  const attributes = new Map<string, string>();
  let foreign = 0;
  for (const line of ((await env.file(path)) ?? '').split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at < 0) {
      if (line.trim() !== '') foreign++;
      continue;
    }
    const key = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    if (value !== '' && KEYS.includes(key)) attributes.set(key, value);
  }
  if (foreign > 0) env.log.warn('lines that are not key=value are left out', { path, lines: foreign });
  return { attributes, schemaUrl: '' };
};
