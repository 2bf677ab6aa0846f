/** What providers do to a controller: their start, their new exports, their end. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { Controller } from '#main/graph/controller.ts';
import { systemClock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import { createLogger } from '#shared/log-writer.ts';
import { Registry } from '#shared/registry.ts';
import { settle } from '#test/support/fake-clock.ts';
import { FakeFleet, loadOptions, moduleOf, source, world, type World } from './fakes.ts';

let made: World;
let fleet: FakeFleet;
let registry: Registry;
let controller: Controller;
let config: string;
let lines: string[];
let reads: number;

beforeEach(() => {
  made = world();
  fleet = new FakeFleet();
  registry = new Registry();
  lines = [];
  reads = 0;
  controller = new Controller({
    ...loadOptions(made.components, 'experimental'),
    imports: made.imports,
    read: () => {
      reads++;
      return Promise.resolve([source(config)]);
    },
    fleet,
    apply: () => {},
    registry,
    log: createLogger({ level: 'debug', format: 'logfmt', write: (line) => lines.push(line), clock: systemClock }),
    clock: systemClock,
    flags: { httpDriver: 'node', receiveBytes: 1 << 20 },
    memory: () => ({ usedBytes: 0, capacityBytes: 0 }),
  });
});

async function start(text: string): Promise<void> {
  config = text;
  const { graph, diagnostics } = await controller.load();
  assert.deepEqual(diagnostics, []);
  assert.ok(graph !== null);
  await controller.start(graph);
}
const publish = (id: string, exports: unknown): void => made.providers.get(id)?.publish(exports as never);
const endpoint = (id = 'otelcol.exporter.fake.out'): unknown =>
  (controller.components().find(({ node }) => node.id === id)?.node.args as { endpoint: string } | undefined)?.endpoint;
const healthOf = (id: string): string => {
  const health = controller.components().find(({ node }) => node.id === id)?.health;
  return health === undefined ? 'gone' : `${health.state}: ${health.message}`;
};
const metric = (name: string): number | undefined => registry.collect().find((f) => f.name === name)?.series[0]?.value;
const errors = (): string[] => lines.filter((line) => line.includes('level=error'));

const FILE = 'local.fake "f" { name = "f" }\n';
const OUT = 'otelcol.exporter.fake "out" { endpoint = local.fake.f.content }\n';

describe('the first load', () => {
  test('waits for what providers give, and all that are independent start side by side', async () => {
    const slow = Promise.withResolvers<string>();
    made.contents.set('slow', slow.promise).set('f', 'a').set('after slow', 'c');
    config = `${FILE}${OUT}local.fake "s" { name = "slow" }\nlocal.fake "t" { name = "after " + local.fake.s.content }`;
    const loading = controller.load();
    await settle();
    assert.deepEqual(made.events.toSorted(), ['provide local.fake.f f', 'provide local.fake.s slow']);
    slow.resolve('slow');
    const { graph } = await loading;
    await controller.start(graph!);
    assert.equal(endpoint(), 'a');
    assert.equal(healthOf('local.fake.t'), 'healthy: started component');
    assert.equal(made.events.at(-1), 'provide local.fake.t after slow');
  });

  test('fails where one cannot begin, and those that could are stopped', async () => {
    made.contents.set('f', 'a');
    config = `${FILE}${OUT}local.fake "g" { name = "none" }\nlocal.fake "h" { name = "bad" }`;
    made.contents.set('bad', new MillraceError('denied', 'no permission'));
    const { graph, diagnostics } = await controller.load();
    assert.equal(graph, null);
    assert.deepEqual(
      diagnostics.map(({ code, message }) => [code, message]),
      [
        ['provider', 'local.fake.g: there is no none'],
        ['provider', 'local.fake.h: no permission'],
      ],
    );
    await controller.unload();
    assert.deepEqual(made.events.filter((event) => event.startsWith('end')).toSorted(), [
      'end local.fake.f f',
      'end local.fake.g none',
      'end local.fake.h bad',
    ]);
  });

  test('one that fails to start stops the providers, too', async () => {
    made.contents.set('f', 'a');
    fleet.failNext = new MillraceError('part_failed', 'no');
    await assert.rejects(start(FILE + OUT), { code: 'part_failed' });
    assert.equal(made.events.at(-1), 'end local.fake.f f');
  });

  test('what is published between evaluation and start is not lost', async () => {
    made.contents.set('f', 'a');
    config = FILE + OUT;
    const { graph } = await controller.load();
    publish('local.fake.f', { content: 'b' });
    await controller.start(graph!);
    await settle();
    assert.equal(endpoint(), 'b');
  });
});

describe('new exports', () => {
  beforeEach(async () => {
    made.contents.set('f', 'a');
    await start(FILE + OUT);
  });

  test('are gone over to, without reading the sources again; it is no load', async () => {
    const loadedAt = metric('alloy_config_last_load_success_timestamp_seconds');
    config = 'nonsense';
    publish('local.fake.f', { content: 'b' });
    await settle();
    assert.equal(endpoint(), 'b');
    assert.equal(reads, 1);
    assert.deepEqual(fleet.calls, ['start', 'apply']);
    assert.deepEqual(made.events, ['provide local.fake.f f']);
    assert.equal(metric('alloy_config_last_load_success_timestamp_seconds'), loadedAt);
  });

  test('that are equal change nothing', async () => {
    publish('local.fake.f', { content: 'a' });
    await settle();
    assert.deepEqual(fleet.calls, ['start']);
  });

  test('that come together are one change', async () => {
    for (const content of ['b', 'c', 'd']) publish('local.fake.f', { content });
    await settle();
    assert.equal(endpoint(), 'd');
    assert.deepEqual(fleet.calls, ['start', 'apply']);
  });

  test('that do not fit leave the last good configuration, are told once, and pass', async () => {
    publish('local.fake.f', { content: true });
    await settle();
    assert.equal(endpoint(), 'a');
    assert.deepEqual(fleet.calls, ['start']);
    assert.equal(errors().length, 1);
    assert.match(
      errors()[0],
      /new exports do not fit.*c\.alloy:2:42: local\.fake\.f\.content should be string, got bool/,
    );
    assert.equal(healthOf('otelcol.exporter.fake.out'), 'unhealthy: local.fake.f.content should be string, got bool');
    assert.equal(healthOf('local.fake.f'), 'healthy: started component');
    assert.equal(metric('alloy_config_last_load_successful'), 1);
    assert.equal(metric('alloy_config_load_failures_total'), 0);

    publish('local.fake.f', { content: 'b' });
    await settle();
    assert.equal(endpoint(), 'b');
    assert.equal(healthOf('otelcol.exporter.fake.out'), 'healthy: started component');
  });

  test('after a failed reload belong to the last good sources, and do not hide that it failed', async () => {
    config = 'nonsense "x" { }';
    assert.equal((await controller.reload()).applied, false);
    publish('local.fake.f', { content: 'b' });
    await settle();
    assert.equal(endpoint(), 'b');
    assert.equal(metric('alloy_config_last_load_successful'), 0);
  });

  test('that cannot be brought into force leave what runs', async () => {
    fleet.failNext = new MillraceError('part_failed', 'no');
    publish('local.fake.f', { content: 'b' });
    await settle();
    assert.equal(endpoint(), 'a');
    assert.match(errors()[0], /err=no/);
  });

  test('after the stop change nothing', async () => {
    await controller.stop(1000);
    publish('local.fake.f', { content: 'b' });
    await settle();
    assert.deepEqual(fleet.calls, ['start', 'stop']);
    assert.deepEqual(made.events, ['provide local.fake.f f', 'end local.fake.f f']);
  });
});

describe('a reload', () => {
  beforeEach(async () => {
    made.contents.set('f', 'a').set('g', 'b');
    await start(FILE + OUT);
  });

  test('keeps the providers that are equal, with what they give by now', async () => {
    made.contents.set('f', 'read anew');
    config = `${FILE}${OUT}// more\n`;
    assert.equal((await controller.reload()).applied, true);
    assert.equal(endpoint(), 'a');
    assert.deepEqual(made.events, ['provide local.fake.f f']);
  });

  test('replaces those with other arguments when it is in force, and ends those that are gone', async () => {
    config = `local.fake "f" { name = "g" }\n${OUT}`;
    assert.equal((await controller.reload()).applied, true);
    assert.equal(endpoint(), 'b');
    assert.deepEqual(made.events.slice(1), ['provide local.fake.f g', 'end local.fake.f f']);
    config = 'otelcol.exporter.fake "out" { endpoint = "c" }';
    await controller.reload();
    assert.equal(made.events.at(-1), 'end local.fake.f g');
    assert.equal(healthOf('local.fake.f'), 'gone');
  });

  test('that fails ends what it has started, and nothing else', async () => {
    config = `local.fake "f" { name = "g" }\n${OUT}nonsense "x" { }`;
    assert.equal((await controller.reload()).applied, false);
    assert.deepEqual(made.events.slice(1), ['provide local.fake.f g', 'end local.fake.f g']);
    publish('local.fake.f', { content: 'of the one that has ended' });
    await settle();
    assert.equal(endpoint(), 'a');
  });

  test('what a candidate says of itself is not said of the one that runs', async () => {
    const running = made.providers.get('local.fake.f');
    running?.health('unhealthy', 'cannot be read any more');
    assert.equal(healthOf('local.fake.f'), 'unhealthy: cannot be read any more');
    running?.health('healthy', 'read');
    const slow = Promise.withResolvers<string>();
    made.contents.set('slow', slow.promise);
    config = `local.fake "f" { name = "slow" }\n${OUT}`;
    const reload = controller.reload();
    await settle();
    made.providers.get('local.fake.f')?.health('unhealthy', 'trying');
    assert.equal(healthOf('local.fake.f'), 'healthy: read');
    slow.resolve('c');
    await reload;
    assert.equal(healthOf('local.fake.f'), 'unhealthy: trying');
  });
});

describe('modules', () => {
  const SINK = (suffix: string): string => `declare "sink" { otelcol.exporter.fake "e" { endpoint = "${suffix}" } }`;

  test('a new text is gone over to; one that is broken leaves the last good one', async () => {
    made.contents.set('s', SINK('one'));
    await start('import.file "ns" { filename = "s" }\nns.sink "a" { }');
    const id = 'ns.sink.a/otelcol.exporter.fake.e';
    publish('import.file.ns', moduleOf('s', SINK('two')));
    await settle();
    assert.equal(endpoint(id), 'two');
    assert.deepEqual(
      controller.modules().map(({ module }) => module.id),
      ['ns.sink.a'],
    );
    publish('import.file.ns', moduleOf('s', 'declare "sink" {'));
    await settle();
    assert.equal(endpoint(id), 'two');
    assert.match(errors()[0], /s:1:17: expected }/);

    publish('import.file.ns', moduleOf('s', SINK('three')));
    await settle();
    assert.equal(endpoint(id), 'three');
  });

  test('an item of a foreach that stays keeps its arguments when others come and go', async () => {
    made.contents.set('f', 'unused');
    await start(`${FILE}foreach "each" {
      collection = string.split(local.fake.f.content, ",")
      var        = "item"
      template { otelcol.exporter.fake "e" { endpoint = item } }
    }`);
    publish('local.fake.f', { content: 'a,b' });
    await settle();
    const before = controller.components().find(({ node }) => node.id.includes('foreach_b_1'))?.node.args;
    publish('local.fake.f', { content: 'c,b' });
    await settle();
    const after = new Map(controller.components().map(({ node }) => [node.id, node.args]));
    assert.deepEqual(
      [...after.keys()],
      [
        'local.fake.f',
        'foreach.each/foreach_c_1/otelcol.exporter.fake.e',
        'foreach.each/foreach_b_1/otelcol.exporter.fake.e',
      ],
    );
    assert.deepEqual(after.get('foreach.each/foreach_b_1/otelcol.exporter.fake.e'), before);
  });
});

test('only what depends on new exports is evaluated again', async () => {
  made.contents.set('f', 'a').set('g', 'a');
  await start(`${FILE}${OUT}local.fake "g" { name = "g" }
otelcol.exporter.fake "other" { endpoint = local.fake.g.content }
otelcol.processor.fake "p" { output { traces = [otelcol.exporter.fake.out.input] } }`);
  const args = (): Map<string, unknown> => new Map(controller.components().map(({ node }) => [node.id, node.args]));
  const before = args();
  publish('local.fake.f', { content: 'b' });
  await settle();
  const after = args();
  assert.deepEqual(
    [...after].filter(([id, now]) => before.get(id) !== now).map(([id]) => id),
    ['otelcol.exporter.fake.out'],
  );
});
