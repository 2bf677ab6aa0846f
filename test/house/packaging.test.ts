/** The package, its lock and its image fit together. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FILES, MANIFEST, read, readJson, ROOT } from './tree.ts';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}
interface LockTool {
  missingOptional(lock: Lock): { readonly name: string }[];
  complete(lock: Lock): { readonly lock: Lock };
  platformOf(name: string): unknown;
}
interface SetupTool {
  satisfies(version: string, range: string): boolean;
}
const tool = async <T>(name: string): Promise<T> => (await import(pathToFileURL(join(ROOT, 'tools', name)).href)) as T;

describe('package-lock.json', () => {
  const lock = readJson<Lock>('package-lock.json');

  test('holds every optional dependency, else npm ci refuses it (run tools/complete-lock.mjs)', async () => {
    const { missingOptional } = await tool<LockTool>('complete-lock.mjs');
    assert.ok(
      Object.values(lock.packages).some((entry) => entry.optionalDependencies !== undefined),
      'nothing to check',
    );
    assert.deepEqual(
      missingOptional(lock).map(({ name }) => name),
      [],
    );
  });

  test('the tool that completes it adds what is missing, nested or not, and nothing twice', async () => {
    const { missingOptional, complete } = await tool<LockTool>('complete-lock.mjs');
    const some = (optionalDependencies: Record<string, string>) => ({ version: '1.0.0', optionalDependencies });
    const broken: Lock = {
      packages: {
        '': { version: '0.0.0' },
        'node_modules/a': some({ 'a-linux-x64-musl': '1.0.0', 'a-win32-x64-msvc': '1.0.0' }),
        'node_modules/a-win32-x64-msvc': { version: '1.0.0' },
        'node_modules/a/node_modules/b': some({ 'b-darwin-arm64': '2.0.0' }),
        'node_modules/a/node_modules/b-darwin-arm64': { version: '2.0.0' },
      },
    };
    assert.deepEqual(
      missingOptional(broken).map(({ name }) => name),
      ['a-linux-x64-musl'],
    );
    const whole = complete(broken).lock;
    assert.deepEqual(whole.packages['node_modules/a-linux-x64-musl'], {
      version: '1.0.0',
      cpu: ['x64'],
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    });
    assert.deepEqual(missingOptional(whole), []);
  });

  test('platforms are read from package names', async () => {
    const { platformOf } = await tool<LockTool>('complete-lock.mjs');
    assert.deepEqual(platformOf('@x/binding-linux-arm-gnueabihf'), { os: ['linux'], cpu: ['arm'], libc: ['glibc'] });
    assert.deepEqual(platformOf('@x/win32-ia32-msvc'), { os: ['win32'], cpu: ['ia32'] });
    assert.throws(() => platformOf('@x/wasm'), /by hand/);
  });
});

describe('package.json', () => {
  test('the pinned Node and the one of the image satisfy engines', async () => {
    const { satisfies } = await tool<SetupTool>('setup.mjs');
    const pinned = MANIFEST.devDependencies['node'];
    assert.ok(satisfies(pinned, MANIFEST.engines.node));
    const [, image] = /^FROM node:(\d+)/m.exec(read('Dockerfile')) ?? [];
    assert.equal(image, pinned.split('.')[0]);
    for (const [version, fits] of [
      ['22.21.1', false],
      ['22.22.0', true],
      ['23.9.0', false],
      ['24.5.9', false],
      ['24.6.0', true],
      ['26.0.0', true],
    ] as const) {
      assert.equal(satisfies(version, '^22.22.0 || >=24.6.0'), fits, version);
    }
  });

  test('versions are exact, so that a clone is what was tested', () => {
    const all = { ...MANIFEST.dependencies, ...MANIFEST.devDependencies };
    assert.deepEqual(
      Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
      [],
    );
  });

  test('the bin and the listed files are there (dist is built)', () => {
    const named = [...Object.values(MANIFEST.bin), ...MANIFEST.files.filter((path) => path !== 'dist')];
    assert.deepEqual(
      named.filter((path) => !existsSync(join(ROOT, path))),
      [],
    );
  });

  test('docs/dependencies.md has a row for every dependency, and for nothing else', () => {
    const rows = [...read('docs/dependencies.md').matchAll(/^\| [^|]+ \| `([^`]+)` +\|/gm)].map(([, name]) => name);
    const wanted = Object.keys({ ...MANIFEST.dependencies, ...MANIFEST.devDependencies, ...MANIFEST.peerDependencies });
    assert.deepEqual([...rows].sort(), wanted.sort());
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').replace(/\\\n/g, ' ').split('\n');

  test('every file that it copies from the project exists and is not ignored', () => {
    const ignored = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const copied = lines
      .filter((line) => /^(COPY|ADD) (?!--from)/.test(line))
      .flatMap((line) => line.split(/\s+/).slice(1, -1))
      .filter((word) => !word.startsWith('--'));
    assert.ok(copied.length >= 4, copied.join(' '));
    for (const path of copied) {
      assert.ok(existsSync(join(ROOT, path)), `${path} is not there`);
      assert.ok(
        !ignored.some((pattern) => pattern.replace(/\/$/, '') === path.replace(/\/$/, '')),
        `.dockerignore leaves out ${path}`,
      );
    }
  });

  test('every stage that is copied from is defined', () => {
    const stages = lines.flatMap((line) => /^FROM \S+ AS (\S+)/.exec(line)?.[1] ?? []);
    const used = lines.flatMap((line) => /^COPY .*--from=(\S+)/.exec(line)?.[1] ?? []);
    assert.ok(used.length > 0);
    assert.deepEqual(
      used.filter((stage) => !stages.includes(stage)),
      [],
    );
  });

  test('the process is not root and is asked for its health', () => {
    assert.match(read('Dockerfile'), /^USER 10473/m);
    assert.match(read('Dockerfile'), /^HEALTHCHECK .*"healthcheck"/m);
  });

  test('the folders that the build needs are those that it gets', () => {
    for (const folder of ['src', 'tools', 'bin'])
      assert.ok(
        FILES.some((path) => path.startsWith(`${folder}/`)),
        folder,
      );
  });
});
