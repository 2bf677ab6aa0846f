/** The door to the `yaml` package. It is loaded when YAML is read. */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

const load = createRequire(import.meta.url);
export const yaml = (): typeof Yaml => load('yaml') as typeof Yaml;

export type { Node } from 'yaml';
