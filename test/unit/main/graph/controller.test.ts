import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { Controller } from '#main/graph/controller.ts';
import type { Source } from '#main/graph/source.ts';
import { systemClock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import { createLogger, type LogWriter } from '#shared/log-writer.ts';
import { Registry } from '#shared/registry.ts';
import { FakeFleet, loadOptions, source, world, type World } from './fakes.ts';

let made: World;
let fleet: FakeFleet;
let registry: Registry;
let controller: Controller;
let config: string | MillraceError;
const applied: unknown[] = [];
let lines: string[];

const read = (): Promise<readonly Source[]> =>
  typeof config === 'string' ? Promise.resolve([source(config)]) : Promise.reject(config);
const logger = (): LogWriter =>
  createLogger({ level: 'debug', format: 'logfmt', write: (line) => lines.push(line), clock: systemClock });

beforeEach(() => {
  made = world();
  fleet = new FakeFleet();
  registry = new Registry();
  lines = [];
  controller = new Controller({
    ...loadOptions(made.components),
    read,
    apply: (settings) => void applied.push(settings.http),
    fleet,
    registry,
    log: logger(),
    clock: systemClock,
    flags: { httpDriver: 'node', receiveBytes: 1 << 20 },
    memory: () => ({ usedBytes: 0, capacityBytes: 0 }),
  });
});

const receiver = (label: string, address: string): string =>
  `otelcol.receiver.fake "${label}" { address = "${address}"\n output { traces = [otelcol.exporter.fake.out.input] } }\n`;
const EXPORTER = 'otelcol.exporter.fake "out" { endpoint = "x" }\n';

async function start(text: string): Promise<void> {
  config = text;
  const { graph, diagnostics } = await controller.load();
  assert.deepEqual(diagnostics, []);
  assert.ok(graph !== null);
  await controller.start(graph);
}

const healthOf = (id: string): string => {
  const { state, message } = controller.components().find((c) => c.node.id === id)?.health ?? {
    state: '(gone)',
    message: '',
  };
  return `${state}: ${message}`;
};
const metric = (name: string): number | undefined => registry.collect().find((f) => f.name === name)?.series[0]?.value;

describe('start', () => {
  test('workers first, then receivers; then all are healthy and it is ready', async () => {
    assert.equal(controller.ready, false);
    await start(receiver('a', ':1') + EXPORTER);
    assert.deepEqual(fleet.calls, ['start']);
    assert.deepEqual(made.events, ['start otelcol.receiver.fake.a :1']);
    assert.deepEqual(
      fleet.plans[0]?.entries.map((e) => [e.id, e.index]),
      [['otelcol.receiver.fake.a', 0]],
    );
    assert.equal(healthOf('otelcol.receiver.fake.a'), 'healthy: started component');
    assert.equal(healthOf('otelcol.exporter.fake.out'), 'healthy: started component');
    assert.equal(controller.ready, true);
    assert.equal(metric('alloy_config_last_load_successful'), 1);
    assert.equal(metric('alloy_config_load_failures_total'), 0);
  });

  test('a port that is taken names the component, and everything is closed again', async () => {
    made.taken.add(':2');
    await assert.rejects(start(receiver('a', ':1') + receiver('b', ':2') + EXPORTER), {
      name: 'MillraceError',
      code: 'address_in_use',
      message: 'otelcol.receiver.fake.b: cannot listen on :2',
    });
    assert.deepEqual(made.events, [
      'start otelcol.receiver.fake.a :1',
      'stop otelcol.receiver.fake.b',
      // Once more when another has got its address, which might have been the one.
      'stop otelcol.receiver.fake.b',
      'stop otelcol.receiver.fake.a',
    ]);
    assert.deepEqual(fleet.calls, ['start', 'stop']);
    assert.equal(controller.ready, false);
  });
});

describe('reload', () => {
  test('leaves alone what is equal, updates what changed, stops what is gone before others start', async () => {
    await start(receiver('same', ':1') + receiver('moved', ':2') + receiver('gone', ':3') + EXPORTER);
    made.events.length = 0;
    config = receiver('same', ':1') + receiver('moved', ':4') + receiver('fresh', ':3') + EXPORTER;
    assert.deepEqual((await controller.reload()).applied, true);
    assert.deepEqual(made.events, [
      'vacate otelcol.receiver.fake.gone',
      'stop otelcol.receiver.fake.gone',
      'update otelcol.receiver.fake.moved :4',
      'start otelcol.receiver.fake.fresh :3',
    ]);
    assert.deepEqual(fleet.calls, ['start', 'apply']);
    assert.equal(healthOf('otelcol.receiver.fake.gone'), '(gone): ');
  });

  test('a receiver keeps its entry number, and a freed number is not given to the next one', async () => {
    await start(receiver('a', ':1') + receiver('b', ':2') + EXPORTER);
    config = receiver('b', ':2') + receiver('c', ':3') + EXPORTER;
    await controller.reload();
    assert.deepEqual(
      new Map(fleet.plans[1]?.entries.map((e) => [e.id.slice(-1), e.index])),
      new Map([
        ['b', 1],
        ['c', 2],
      ]),
    );
  });

  test('a bad configuration changes nothing and is told', async () => {
    await start(receiver('a', ':1') + EXPORTER);
    config = 'nonsense "x" { }';
    const { applied, loaded, error } = await controller.reload();
    assert.equal(applied, false);
    assert.equal(error, null);
    assert.match(loaded?.diagnostics[0]?.message ?? '', /cannot find the definition/);
    assert.deepEqual(fleet.calls, ['start']);
    assert.equal(metric('alloy_config_last_load_successful'), 0);
    assert.equal(metric('alloy_config_load_failures_total'), 1);
    assert.equal(controller.ready, true);

    config = EXPORTER;
    assert.equal((await controller.reload()).applied, true);
    assert.equal(metric('alloy_config_last_load_successful'), 1);
  });

  test('a configuration that cannot be read changes nothing and is told', async () => {
    await start(EXPORTER);
    config = new MillraceError('config_unreadable', 'gone');
    assert.deepEqual(await controller.reload(), { applied: false, loaded: null, error: 'gone' });
    assert.equal(metric('alloy_config_last_load_successful'), 0);
  });

  test('one that cannot start gives way to the last good one', async () => {
    await start(receiver('a', ':1') + receiver('b', ':2') + EXPORTER);
    made.events.length = 0;
    made.taken.add(':9');
    config = receiver('a', ':5') + receiver('c', ':9') + EXPORTER;
    const { applied, error } = await controller.reload();
    assert.equal(applied, false);
    assert.equal(error, 'otelcol.receiver.fake.c: cannot listen on :9');
    assert.deepEqual(made.events, [
      'vacate otelcol.receiver.fake.b',
      'stop otelcol.receiver.fake.b',
      'update otelcol.receiver.fake.a :5',
      'stop otelcol.receiver.fake.c',
      'stop otelcol.receiver.fake.c',
      'update otelcol.receiver.fake.a :1',
      'start otelcol.receiver.fake.b :2',
    ]);
    assert.deepEqual(fleet.plans[2], fleet.plans[0]);
    assert.equal(healthOf('otelcol.receiver.fake.b'), 'healthy: started component');
  });

  test('workers that cannot build the plan give way to the last good one', async () => {
    await start(receiver('a', ':1') + EXPORTER);
    fleet.failNext = new MillraceError('part_failed', 'no');
    config = receiver('b', ':1') + EXPORTER;
    assert.equal((await controller.reload()).error, 'no');
    assert.deepEqual(
      controller.components().map((c) => c.node.id),
      ['otelcol.exporter.fake.out', 'otelcol.receiver.fake.a'],
    );
    assert.deepEqual(made.events, [
      'start otelcol.receiver.fake.a :1',
      'vacate otelcol.receiver.fake.a',
      'stop otelcol.receiver.fake.a',
      'start otelcol.receiver.fake.a :1',
    ]);
    assert.deepEqual(fleet.calls, ['start', 'apply'], 'the workers have gone back by themselves');
  });

  test('two that swap their addresses both give theirs up first', async () => {
    await start(receiver('a', ':1') + receiver('b', ':2') + EXPORTER);
    made.events.length = 0;
    config = receiver('a', ':2') + receiver('b', ':1') + EXPORTER;
    assert.deepEqual(await controller.reload().then(({ applied, error }) => [applied, error]), [true, null]);
    assert.deepEqual(made.events, [
      'vacate otelcol.receiver.fake.a',
      'vacate otelcol.receiver.fake.b',
      'update otelcol.receiver.fake.a :2',
      'update otelcol.receiver.fake.b :1',
    ]);
  });

  test('one that wants the address that another leaves waits for it, and nobody else stops listening', async () => {
    await start(receiver('a', ':1') + receiver('b', ':2') + EXPORTER);
    made.events.length = 0;
    config = receiver('new', ':1') + receiver('a', ':2') + receiver('b', ':3') + EXPORTER;
    assert.equal((await controller.reload()).error, null);
    assert.deepEqual(
      made.events.filter((event) => !event.startsWith('stop')),
      ['update otelcol.receiver.fake.b :3', 'update otelcol.receiver.fake.a :2', 'start otelcol.receiver.fake.new :1'],
    );
  });

  test('a swap of which a third part fails is taken back in full', async () => {
    await start(receiver('a', ':1') + receiver('b', ':2') + receiver('c', ':3') + EXPORTER);
    made.taken.add(':9');
    config = receiver('a', ':2') + receiver('b', ':1') + receiver('c', ':9') + EXPORTER;
    assert.equal((await controller.reload()).error, 'otelcol.receiver.fake.c: cannot listen on :9');
    made.taken.clear();
    const last = new Map(made.events.map((event) => event.split(' ')).map(([what, id, at]) => [id, `${what} ${at}`]));
    for (const end of ['a :1', 'b :2', 'c :3'])
      assert.equal(last.get(`otelcol.receiver.fake.${end[0]}`), `update ${end.slice(2)}`);
    assert.deepEqual(fleet.plans.at(-1), fleet.plans[0]);
  });

  test('those who ask while one waits for its turn get that one', async () => {
    await start(receiver('a', ':1') + EXPORTER);
    const first = controller.reload();
    config = receiver('a', ':5') + EXPORTER;
    const rest = Array.from({ length: 50 }, () => controller.reload());
    assert.equal(new Set([first, ...rest]).size, 1, 'the first has not begun');
    assert.ok((await first).applied);
    assert.equal(made.events.at(-1), 'update otelcol.receiver.fake.a :5');
    assert.deepEqual(fleet.calls, ['start', 'apply']);
  });

  test('what main counted for a receiver vanishes with it', async () => {
    await start(receiver('a', ':1') + receiver('b', ':2') + EXPORTER);
    for (const ctx of made.contexts.values()) ctx.meter.counter({ name: 'x_total', help: 'x' }).add(1);
    config = receiver('a', ':1') + EXPORTER;
    await controller.reload();
    const series = registry.collect().find((f) => f.name === 'x_total')?.series ?? [];
    assert.deepEqual(
      series.map((s) => [s.labels['component_id'], s.value]),
      [['otelcol.receiver.fake.a', 1]],
    );
  });

  test('applies the logging block', async () => {
    await start('logging { level = "error" }');
    config = 'logging { level = "info"\n format = "json" }';
    await controller.reload();
    lines.length = 0;
    await controller.stop(1000);
    assert.ok(lines.length > 0 && lines.every((line) => line.startsWith('{')), lines.join(''));
  });
});

describe('stop', () => {
  test('receivers first, then workers; nothing is ready or healthy after it', async () => {
    await start(receiver('a', ':1') + EXPORTER);
    assert.equal(await controller.stop(1000), true);
    assert.deepEqual(made.events, ['start otelcol.receiver.fake.a :1', 'stop otelcol.receiver.fake.a']);
    assert.deepEqual(fleet.calls, ['start', 'stop']);
    assert.equal(controller.ready, false);
    assert.equal(healthOf('otelcol.exporter.fake.out'), 'exited: component shut down cleanly');
  });

  test('what could not be delivered at the end is said; what a destination did not want is another matter', async () => {
    const table = [
      ['millrace_component_dropped_items_total', 'shutdown', false],
      ['millrace_component_dropped_items_total', 'rejected', true],
      ['millrace_derived_dropped_points_total', 'refused', false],
      ['millrace_derived_dropped_points_total', 'stopped', false],
      ['millrace_derived_dropped_points_total', 'rejected', true],
    ] as const;
    await start(EXPORTER);
    for (const [name, reason, isDelivered] of table) {
      fleet.stop = () => {
        registry.meter().counter({ name, help: '' }, { reason }).add(3);
        return Promise.resolve();
      };
      assert.equal(await controller.stop(1000), isDelivered, `${name} ${reason}`);
    }
  });

  test('waits for a reload that is under way, and later reloads are turned away', async () => {
    await start(EXPORTER);
    const reload = controller.reload();
    const stop = controller.stop(1000);
    assert.equal((await controller.reload()).error, 'the collector is shutting down');
    await Promise.all([reload, stop]);
    assert.equal(fleet.calls.at(-1), 'stop');
  });
});

describe('health', () => {
  test('is the gravest of all places, and comes back', async () => {
    await start(receiver('a', ':1') + EXPORTER);
    const id = 'otelcol.exporter.fake.out';
    fleet.health({ nodeId: id, place: 'worker 0', state: 'healthy', message: 'fine' });
    fleet.health({ nodeId: id, place: 'worker 1', state: 'unhealthy', message: 'destination is down' });
    assert.equal(healthOf(id), 'unhealthy: destination is down');
    fleet.health({ nodeId: id, place: 'worker 1', state: 'healthy', message: 'back' });
    assert.match(healthOf(id), /^healthy/);
  });

  test("is what the receiver itself says, and counted in Alloy's gauge", async () => {
    await start(receiver('a', ':1') + EXPORTER);
    made.contexts.get('otelcol.receiver.fake.a')?.health('unhealthy', 'certificate expired');
    assert.equal(healthOf('otelcol.receiver.fake.a'), 'unhealthy: certificate expired');
    const running = controller.families().find((f) => f.name === 'alloy_component_controller_running_components');
    assert.deepEqual(
      new Map(running?.series.map((s) => [s.labels['health_type'], s.value])),
      new Map([
        ['healthy', 1],
        ['unknown', 0],
        ['unhealthy', 1],
        ['exited', 0],
      ]),
    );
  });
});

test('a receiver gets its id, labels, entry and flags', async () => {
  await start(receiver('a', ':1') + EXPORTER);
  const ctx = made.contexts.get('otelcol.receiver.fake.a');
  assert.deepEqual([ctx?.id, ctx?.flags.httpDriver, ctx?.entry.has(0)], ['otelcol.receiver.fake.a', 'node', true]);
  ctx?.log.info('hello');
  assert.match(lines.at(-1) ?? '', /component_path=\/ component_id=otelcol\.receiver\.fake\.a/);
  ctx?.meter.counter({ name: 'x_total', help: 'x' }).add(1);
  assert.deepEqual(registry.collect().find((f) => f.name === 'x_total')?.series[0]?.labels, {
    component_path: '/',
    component_id: 'otelcol.receiver.fake.a',
  });
});
