/** What the house tests look at: the files of the project, and what each of them imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

export const ROOT = dirname(dirname(import.meta.dirname));

/** Made by tools, not by people. */
const NOT_OURS = new Set([
  '.git',
  'node_modules',
  'dist',
  'coverage',
  'data-millrace',
  'bench/out',
  'test/interop/clients/java/target',
]);

/** Every file as a path relative to the project, with forward slashes. */
export const FILES: readonly string[] = list('');

function list(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (NOT_OURS.has(path) || entry.name === 'node_modules') return [];
    return entry.isDirectory() ? list(path) : entry.isFile() ? [path] : [];
  });
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function readJson<T>(path: string): T {
  return JSON.parse(read(path)) as T;
}

export interface Manifest {
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}
export const MANIFEST = readJson<Manifest>('package.json');

export interface Import {
  readonly from: string;
  readonly specifier: string;
  /** static: runs at load. dynamic: runs when called. type: erased. */
  readonly kind: 'static' | 'dynamic' | 'type';
  /** The file of the project that it leads to; null for node: and packages. */
  readonly target: string | null;
}

// Statements begin a line, as the formatter leaves them; no string or comment of the sources does so.
const STATEMENT = /^(?:import|export)\s+(type\s)?(?:[\w*{$][^;'"]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
const CALL = /(?:\bimport|\brequire|\bcreateRequire\([^()]*\))\(\s*['"]([^'"]+)['"]\s*\)/g;

export function importsOf(path: string, text: string = read(path)): Import[] {
  const found: Import[] = [];
  for (const [, type, specifier] of text.matchAll(STATEMENT)) {
    found.push(make(path, specifier, type === undefined ? 'static' : 'type'));
  }
  for (const match of text.matchAll(CALL)) {
    // `import('./x.ts').T` in a type is not a call: it is followed by a name and never awaited or chained.
    const after = text.slice(match.index + match[0].length);
    const isType = /^\.[A-Z]/.test(after);
    found.push(make(path, match[1], isType ? 'type' : 'dynamic'));
  }
  return found;
}

function make(from: string, specifier: string, kind: Import['kind']): Import {
  return { from, specifier, kind, target: resolve(from, specifier) };
}

function resolve(from: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(from), specifier));
  if (!specifier.startsWith('#')) return null;
  const [room, ...rest] = specifier.slice(1).split('/');
  const top = room === 'test' || room === 'bench' ? (room as string) : `src/${room}`;
  return posix.join(top, ...rest);
}

/** The npm package of an import, or null for node: and the project's own files. */
export function packageOf({ specifier, target }: Import): string | null {
  if (target !== null || specifier.startsWith('node:')) return null;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export const SOURCES = FILES.filter((path) => /^(src|test|bench)\/.*\.ts$/.test(path));
/** House tests are left out: they hold samples of imports. */
export const IMPORTS: readonly Import[] = SOURCES.filter((path) => !path.startsWith('test/house/')).flatMap((path) =>
  importsOf(path),
);
