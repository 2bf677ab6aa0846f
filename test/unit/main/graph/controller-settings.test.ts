/** Blocks that exist once come into force with their configuration, and not without it; evaluations are observed. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Settings } from '#main/graph/blocks/settings.ts';
import { Controller } from '#main/graph/controller.ts';
import { systemClock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import { createLogger } from '#shared/log-writer.ts';
import { Registry } from '#shared/registry.ts';
import { FakeFleet, loadOptions, source, world, type World } from './fakes.ts';

let made: World;
let fleet: FakeFleet;
let controller: Controller;
let config: string;
let fractions: number[];
let refusal: MillraceError | null;
let observed: string[];
let lines: string[];

beforeEach(() => {
  made = world();
  fleet = new FakeFleet();
  fractions = [];
  refusal = null;
  observed = [];
  lines = [];
  controller = new Controller({
    ...loadOptions(made.components),
    read: () => Promise.resolve([source(config)]),
    fleet,
    registry: new Registry(),
    log: createLogger({ level: 'error', format: 'logfmt', write: (line) => lines.push(line), clock: systemClock }),
    clock: systemClock,
    flags: { httpDriver: 'node', receiveBytes: 1 << 20 },
    memory: () => ({ usedBytes: 0, capacityBytes: 0 }),
    apply: ({ tracing }: Settings) => {
      if (refusal !== null) throw refusal;
      fractions.push(tracing.sampling_fraction);
    },
    observe: () => ({
      node: (id) => {
        observed.push(`begin ${id}`);
        return () => observed.push(`end ${id}`);
      },
      evaluated: () => observed.push('evaluated'),
      ended: (problem) => observed.push(`ended ${problem}`),
    }),
  });
});

const text = (fraction: number, address = ':1'): string => `
tracing { sampling_fraction = ${fraction} }
otelcol.receiver.fake "a" { address = "${address}"\n output { traces = [otelcol.exporter.fake.out.input] } }
otelcol.exporter.fake "out" { endpoint = "x" }
`;

async function start(): Promise<void> {
  config = text(0.1);
  const { graph } = await controller.load();
  assert.ok(graph !== null);
  await controller.start(graph);
  fractions.length = 0;
  observed.length = 0;
}

test('a reload brings them into force', async () => {
  await start();
  config = text(0.2);
  assert.equal((await controller.reload()).applied, true);
  assert.deepEqual(fractions, [0.2]);
});

test('what cannot be brought into force refuses the configuration, and the components stay', async () => {
  await start();
  made.events.length = 0;
  config = text(0.2, ':2');
  refusal = new MillraceError('tls_file', 'the file is gone');
  const { applied, error } = await controller.reload();
  assert.deepEqual([applied, error], [false, 'the file is gone']);
  assert.equal(
    made.events.some((event) => event.endsWith(':2')),
    false,
    made.events.join('\n'),
  );
  refusal = null;
  assert.equal((await controller.reload()).applied, true);
  assert.deepEqual(fractions, [0.2]);
});

test('components that cannot take on the new configuration take the blocks back as well', async () => {
  await start();
  config = text(0.2, ':2');
  made.taken.add(':2');
  assert.equal((await controller.reload()).applied, false);
  assert.deepEqual(fractions, [0.2, 0.1]);
});

test('evaluations are observed from their beginning to what became of them', async () => {
  config = text(0.1);
  const { graph } = await controller.load();
  assert.deepEqual(observed, [
    'begin otelcol.exporter.fake.out',
    'end otelcol.exporter.fake.out',
    'begin otelcol.receiver.fake.a',
    'end otelcol.receiver.fake.a',
    'evaluated',
  ]);
  await controller.start(graph as NonNullable<typeof graph>);
  assert.equal(observed.at(-1), 'ended null');
  config = 'tracing { sampling_fraction = "x" }';
  await controller.reload();
  assert.equal(observed.at(-1), 'ended c.alloy:1:31: "x" should be number, got string');
  config = text(0.3, ':2');
  made.taken.add(':2');
  await controller.reload();
  assert.match(observed.at(-1) as string, /^ended .*cannot listen on :2/);
});
