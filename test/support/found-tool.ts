/** Tools of other languages that a test needs. `.ci/interop-clients` makes them and sets the variables. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface FoundTool {
  readonly path: string;
  /** Why it is not to be had, for the `skip` option of a test; false when it is. */
  readonly skip: string | false;
}

/** The path that environment variable `name` holds; else `command` as found on PATH. */
export function foundTool(name: string, command?: string): FoundTool {
  const path = process.env[name] ?? '';
  if (path !== '') {
    return isReadable(path) ? { path, skip: false } : { path, skip: `${name} is ${path}, which is not there` };
  }
  const folders = command === undefined ? [] : (process.env['PATH'] ?? '').split(delimiter);
  const onPath = folders.map((folder) => join(folder, command ?? '')).find(isReadable);
  if (onPath !== undefined) return { path: onPath, skip: false };
  const reason = process.env[`${name}_MISSING`] ?? '';
  return { path: '', skip: reason === '' ? `${name} is not set (CONTRIBUTING.md, Tests)` : reason };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
