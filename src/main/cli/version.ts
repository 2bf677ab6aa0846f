/** What package.json says of the program: three folders up from here, in the sources and in the built package alike. */
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly millrace: { readonly nodeFlags: readonly string[] };
};

export const VERSION = manifest.version;
/** `^22.22.0 || >=24.6.0` */
export const ENGINES = manifest.engines.node;
/** What the launchers start Node with. */
export const NODE_FLAGS = manifest.millrace.nodeFlags;
