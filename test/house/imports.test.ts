/**
 * The rooms of the house: who may import whom (CONTRIBUTING.md shows the same table). Types count like values, so that a
 * layer can be read without knowing the ones above it.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { IMPORTS, importsOf, MANIFEST, packageOf, read, ROOT, SOURCES, type Import } from './tree.ts';

/** Folder (or file) prefixes under src/ that each room may import besides itself. */
const MAY_IMPORT = {
  shared: [],
  text: ['shared/'],
  ottl: ['codec/', 'config/diag/', 'text/', 'shared/'],
  codec: [],
  config: [],
  net: ['shared/'],
  kit: ['shared/', 'codec/', 'net/', 'text/', 'ottl/', 'config/schema/', 'config/diag/'],
  'component schema': ['config/schema/', 'components/kit/blocks/', 'text/', 'ottl/'],
  'component part': ['components/kit/', 'shared/', 'codec/', 'net/', 'text/', 'ottl/'],
  'component list': ['components/', 'shared/'],
  shard: ['shared/', 'codec/', 'components/kit/'],
  workers: ['shared/', 'codec/', 'net/', 'components/kit/', 'components/worker-list.ts'],
  ingest: ['shared/', 'net/', 'components/kit/', 'components/ingest-list.ts', 'shard/'],
  main: ['shared/', 'text/', 'codec/', 'config/', 'net/', 'components/', 'shard/', 'trace-test/'],
  'trace-test': ['shared/', 'text/', 'codec/', 'config/', 'components/', 'main/graph/', 'main/supervisor/', 'workers/'],
} as const satisfies Record<string, readonly string[]>;
type Room = keyof typeof MAY_IMPORT;

/** The one folder that opens onto each npm package. */
const DOORS: Readonly<Record<string, string>> = {
  '@grpc/grpc-js': 'src/net/server/',
  '@platformatic/wasm-utils': 'src/net/compression/',
  'hdr-histogram-js': 'src/shard/',
  'json-p3': 'src/config/eval/',
  piscina: 'src/main/supervisor/',
  protobufjs: 'src/codec/protobuf/',
  re2js: 'src/text/',
  'uWebSockets.js': 'src/net/server/',
  undici: 'src/net/client/',
  yaml: 'src/config/yaml/',
};

function roomOf(path: string): Room {
  const [top, second] = path.slice('src/'.length).split('/');
  if (top !== 'components') {
    assert.ok(top !== undefined && Object.hasOwn(MAY_IMPORT, top), `${path}: a room that the table does not know`);
    return top as Room;
  }
  if (second === 'kit') return 'kit';
  if (second?.endsWith('.ts') === true) return 'component list';
  return path.endsWith('/schema.ts') ? 'component schema' : 'component part';
}

/** What belongs together and may import each other: the room; of a component, its own folder. */
function homeOf(path: string): string {
  if (path.startsWith('src/components/kit/')) return 'src/components/kit/';
  if (!path.startsWith('src/components/')) return path.split('/').slice(0, 2).join('/') + '/';
  return COMPONENTS.find((folder) => path.startsWith(folder)) ?? dirname(path) + '/';
}

const COMPONENTS = SOURCES.filter((path) => /^src\/components\/.*\/component\.ts$/.test(path))
  .filter((path) => !path.startsWith('src/components/kit/'))
  .map((path) => dirname(path) + '/');

const PRODUCT = IMPORTS.filter(({ from }) => from.startsWith('src/'));
const show = (imports: readonly Import[]): string[] =>
  imports.map(({ from, specifier }) => `${from} imports ${specifier}`);

function forbidden({ from, target }: Import): boolean {
  if (target === null || target.startsWith(homeOf(from))) return false;
  return !MAY_IMPORT[roomOf(from)].some((prefix) => target.startsWith(`src/${prefix}`));
}

describe('imports', () => {
  test('the reader of imports finds every form, and not what only looks like one', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from '#shared/b.ts';",
      "import './side.ts';",
      'import {\n  c,\n  type D,\n} from "#codec/c.ts";',
      "export * from './e.ts';",
      "export const f = 'from';",
      "const g = () => import('./g.ts');",
      "let h: import('./h.ts').H;",
      "createRequire(import.meta.url)('some-package/part');",
      "// says import('nothing') in words",
      "  const text = `import { x } from 'y'`;",
    ].join('\n');
    assert.deepEqual(
      importsOf('src/net/x.ts', text).map(({ specifier, kind, target }) => [specifier, kind, target]),
      [
        ['./a.ts', 'static', 'src/net/a.ts'],
        ['#shared/b.ts', 'type', 'src/shared/b.ts'],
        ['./side.ts', 'static', 'src/net/side.ts'],
        ['#codec/c.ts', 'static', 'src/codec/c.ts'],
        ['./e.ts', 'static', 'src/net/e.ts'],
        ['./g.ts', 'dynamic', 'src/net/g.ts'],
        ['./h.ts', 'type', 'src/net/h.ts'],
        ['some-package/part', 'dynamic', null],
        // A comment counts: better a false alarm than a hidden import.
        ['nothing', 'dynamic', null],
      ],
    );
  });

  test('the reader sees the sources of every room', () => {
    assert.ok(PRODUCT.length > 100, `only ${PRODUCT.length} imports found under src/`);
    const rooms = new Set(PRODUCT.map(({ from }) => roomOf(from)));
    assert.deepEqual([...rooms].sort(), Object.keys(MAY_IMPORT).sort());
  });

  test('the table forbids what it should', () => {
    const cases: [from: string, target: string, isForbidden: boolean][] = [
      ['src/shared/ring.ts', 'src/codec/otlp/scan.ts', true],
      ['src/codec/otlp/scan.ts', 'src/shared/signal.ts', true],
      ['src/net/client/grpc.ts', 'src/shared/log.ts', false],
      ['src/components/kit/batch.ts', 'src/config/eval/value.ts', true],
      ['src/components/kit/batch.ts', 'src/config/schema/schema.ts', false],
      ['src/components/otelcol/processor/batch/worker.ts', 'src/components/otelcol/exporter/otlp/sender.ts', true],
      ['src/components/otelcol/processor/batch/worker.ts', 'src/components/otelcol/processor/batch/schema.ts', false],
      ['src/workers/thread.ts', 'src/main/cli/main.ts', true],
      ['src/main/cli/run.ts', 'src/workers/thread.ts', true],
      ['src/main/supervisor/supervisor.ts', 'src/shard/producer.ts', false],
      ['src/ingest/thread.ts', 'src/shard/producer.ts', false],
      ['src/workers/thread.ts', 'src/shard/producer.ts', true],
      ['src/ingest/thread.ts', 'src/main/supervisor/supervisor.ts', true],
      ['src/main/supervisor/supervisor.ts', 'src/ingest/thread.ts', true],
      ['src/trace-test/run/fleet.ts', 'src/workers/pipeline/pipeline.ts', false],
      ['src/trace-test/run/fleet.ts', 'src/net/client/http.ts', true],
    ];
    for (const [from, target, isForbidden] of cases) {
      assert.equal(forbidden({ from, target, specifier: target, kind: 'static' }), isForbidden, `${from} -> ${target}`);
    }
  });

  test('each room imports only what the table allows', () => {
    assert.deepEqual(show(PRODUCT.filter(forbidden)), []);
  });

  test('tests and benchmarks are not part of the product', () => {
    assert.deepEqual(show(PRODUCT.filter(({ target }) => target !== null && !target.startsWith('src/'))), []);
  });

  test('every import leads to a file', () => {
    assert.deepEqual(show(IMPORTS.filter(({ target }) => target !== null && !existsSync(join(ROOT, target)))), []);
  });

  test('imports read as addresses: #room/..., ./x.ts, at most one ../', () => {
    assert.deepEqual(show(IMPORTS.filter(({ specifier }) => specifier.startsWith('../..'))), []);
    assert.deepEqual(
      show(
        IMPORTS.filter(({ from, target, specifier }) => {
          // A relative path that leaves the room hides which one it enters.
          return (
            specifier.startsWith('.') &&
            target !== null &&
            !target.startsWith(from.split('/').slice(0, 2).join('/') + '/')
          );
        }),
      ),
      [],
    );
  });

  test('no file depends on itself in a circle when it is loaded', () => {
    const next = new Map<string, string[]>();
    for (const { from, target, kind } of PRODUCT) {
      if (kind === 'static' && target !== null) next.set(from, [...(next.get(from) ?? []), target]);
    }
    assert.deepEqual(
      circleIn(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a']],
        ]),
      ),
      ['a', 'b', 'c', 'a'],
    );
    assert.deepEqual(
      circleIn(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['c']],
        ]),
      ),
      null,
    );
    assert.deepEqual(circleIn(next), null);
  });

  test('main parts and worker parts of components never reach each other', () => {
    for (const folder of COMPONENTS) {
      for (const [part, other] of [
        ['main.ts', 'worker.ts'],
        ['worker.ts', 'main.ts'],
      ] as const) {
        if (!SOURCES.includes(folder + part)) continue;
        const reached = loadedBy(folder + part);
        assert.deepEqual(
          [...reached].filter((file) => file.startsWith('src/components/') && file.endsWith(`/${other}`)),
          [],
          folder + part,
        );
      }
    }
  });

  test('worker and ingest threads load nothing of main or of each other, and main nothing of theirs', () => {
    for (const [start, foreign] of [
      ['src/workers/thread.ts', ['src/main/', 'src/ingest/', 'src/shard/', 'src/config/eval/']],
      ['src/ingest/thread.ts', ['src/main/', 'src/workers/', 'src/config/eval/']],
      ['src/main/cli/main.ts', ['src/workers/', 'src/ingest/']],
    ] as const) {
      assert.deepEqual(
        [...loadedBy(start)].filter((file) => foreign.some((room) => file.startsWith(room))),
        [],
        start,
      );
    }
  });
});

describe('packages', () => {
  const outside = (top: string): Import[] => IMPORTS.filter((i) => i.from.startsWith(top) && packageOf(i) !== null);

  test('Node itself is imported by its node: name', () => {
    assert.deepEqual(show(IMPORTS.filter((i) => builtinModules.includes(packageOf(i) ?? ''))), []);
  });

  test('one file opens onto each npm package, others beside it may name its types', () => {
    const doors = new Map<string, Set<string>>();
    for (const found of outside('src/')) {
      const name = packageOf(found) as string;
      const folder = DOORS[name];
      assert.ok(
        folder !== undefined,
        `${found.from} imports ${name}, which has no door: decide where it lives, then add it here`,
      );
      assert.ok(found.from.startsWith(folder), `${found.from} imports ${name}, whose door is in ${folder}`);
      if (found.kind !== 'type') doors.set(name, (doors.get(name) ?? new Set()).add(found.from));
    }
    for (const [name, files] of doors) assert.equal(files.size, 1, `${name} is imported by ${[...files].join(', ')}`);
  });

  test('the product imports only its dependencies; tests and benchmarks may import development ones', () => {
    const installed = { ...MANIFEST.dependencies, ...MANIFEST.peerDependencies };
    assert.deepEqual(show(outside('src/').filter((i) => !Object.hasOwn(installed, packageOf(i) as string))), []);
    const all = { ...installed, ...MANIFEST.devDependencies };
    assert.deepEqual(
      show([...outside('test/'), ...outside('bench/')].filter((i) => !Object.hasOwn(all, packageOf(i) as string))),
      [],
    );
  });

  test('shared and codec load nothing but Node', () => {
    const found = outside('src/shared/').concat(outside('src/codec/').filter((i) => packageOf(i) !== 'protobufjs'));
    assert.deepEqual(show(found), []);
  });

  test('#-imports of package.json name each room of src/ once, as source and as built file', () => {
    const rooms = [...new Set(SOURCES.filter((p) => p.startsWith('src/')).map((p) => p.split('/')[1]))];
    for (const room of rooms) {
      assert.deepEqual(
        MANIFEST.imports[`#${room}/*.ts`],
        { source: `./src/${room}/*.ts`, default: `./dist/${room}/*.js` },
        room,
      );
    }
  });
});

/** Everything that loading `start` loads, dynamic imports left out. */
function loadedBy(start: string): Set<string> {
  assert.ok(SOURCES.includes(start), `${start} is not there: the test would prove nothing`);
  const reached = new Set([start]);
  for (const file of reached) {
    for (const { target, kind } of importsOf(file, read(file))) {
      if (kind === 'static' && target !== null && SOURCES.includes(target)) reached.add(target);
    }
  }
  return reached;
}

/** The first circle, as the way along it; null if there is none. */
function circleIn(next: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return null;
    way.push(file);
    for (const target of next.get(file) ?? []) {
      const circle = visit(target);
      if (circle !== null) return circle;
    }
    way.pop();
    done.add(file);
    return null;
  };
  for (const file of next.keys()) {
    const circle = visit(file);
    if (circle !== null) return circle;
  }
  return null;
}
