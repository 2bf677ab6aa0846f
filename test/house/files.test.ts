/** Sizes, names and the shape of component folders. */
import assert from 'node:assert/strict';
import { basename, dirname } from 'node:path';
import { describe, test } from 'node:test';
import { FILES, read, SOURCES } from './tree.ts';

const LINE_LIMIT = 600;
const CODE = FILES.filter((path) => /\.(ts|tsx|mjs|js)$/.test(path));

/** Names that say nothing about what is inside. */
const EMPTY_WORDS = /(^|-)(utils?|helpers?|misc|common|impl|stuff|manager)(-|\.|$)/i;

describe('files', () => {
  test(`no file of code is longer than ${LINE_LIMIT} lines`, () => {
    const sizes = CODE.map((path) => ({ path, lines: read(path).split('\n').length - 1 }));
    assert.ok(sizes.length > 100 && sizes.some(({ lines }) => lines > 50), 'the count does not see the files');
    assert.deepEqual(
      sizes.filter(({ lines }) => lines > LINE_LIMIT),
      [],
    );
  });

  test('code files are in kebab-case; folders too, or carry the names of components', () => {
    const wrong = CODE.filter((path) => {
      const folders = path.split('/').slice(0, -1);
      return (
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|tsx|mjs|js)$/.test(basename(path)) ||
        !folders.every((f) => /^\.?[a-z0-9]+([-_][a-z0-9]+)*$/.test(f))
      );
    });
    assert.deepEqual(wrong, []);
  });

  test('names say what is inside: no utils, no helpers, no barrels', () => {
    const wrong = CODE.filter(
      (path) => path.split('/').some((part) => EMPTY_WORDS.test(part)) || basename(path) === 'index.ts',
    );
    assert.deepEqual(wrong, []);
  });

  test('sources of the product run unbuilt on the oldest Node: no `using`, which Node 22 cannot parse', () => {
    const using = /^\s*(await )?using \w+ =/m;
    assert.match('  await using sink = open();', using);
    assert.deepEqual(
      SOURCES.filter((path) => path.startsWith('src/') && using.test(read(path))),
      [],
    );
  });

  test('test files end in .test.ts, and every file that uses node:test is one', () => {
    const tests = SOURCES.filter((path) => /^import .* from 'node:test';$/m.test(read(path)));
    assert.ok(tests.length > 20);
    assert.deepEqual(
      tests.filter((path) => !path.endsWith('.test.ts') && !path.startsWith('test/support/')),
      [],
    );
  });

  test('unit tests stand where the source stands that they test', () => {
    const folders = new Set(
      SOURCES.filter((p) => !p.startsWith('test/unit/')).map((path) => dirname(path).replace(/^(src|test)\//, '')),
    );
    const lost = SOURCES.filter((path) => /^test\/unit\/.*\.test\.ts$/.test(path)).filter(
      (path) => !folders.has(dirname(path).slice('test/unit/'.length)),
    );
    assert.deepEqual(lost, []);
  });
});

describe('component folders', () => {
  const folders = [
    ...new Set(
      FILES.filter((p) =>
        /^src\/components\/(?!kit\/)[^/]+\/.*\/(component|schema|main|worker|provider)\.ts$/.test(p),
      ).map(dirname),
    ),
  ];

  test('there are some', () => {
    assert.ok(folders.includes('src/components/otelcol/receiver/otlp'), folders.join(', '));
  });

  for (const folder of folders) {
    test(`${folder.slice('src/components/'.length)} has its declaration, its arguments, its documentation and a part that runs`, () => {
      const has = (name: string): boolean => FILES.includes(`${folder}/${name}`);
      assert.deepEqual(
        ['component.ts', 'schema.ts', 'README.md'].filter((name) => !has(name)),
        [],
        'missing',
      );
      assert.ok(has('main.ts') || has('worker.ts') || has('provider.ts'), 'neither main.ts, worker.ts nor provider.ts');
      const name = folder.slice('src/components/'.length).split('/').join('.');
      assert.ok(read(`${folder}/component.ts`).includes(`'${name}'`), `component.ts does not carry the name ${name}`);
      assert.ok(
        read(`${folder}/component.ts`).split('\n').length <= 60,
        'component.ts is the file that a reader opens first: 60 lines',
      );
    });
  }
});
