import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HealthBoard } from '#main/graph/health.ts';
import { Providers, type ProviderOrder } from '#main/graph/providers.ts';
import { FakeClock, settle } from '#test/support/fake-clock.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const clock = new FakeClock();
const log = new RecordingLog();
const providers = (forget: (id: string) => void = () => {}): Providers =>
  new Providers({ log, clock, meter: new FakeMeter(), health: new HealthBoard(clock), forget, changed: () => {} });
const order = (args: unknown, stop: () => Promise<void>): ProviderOrder => ({
  id: 'local.fake.f',
  name: 'local.fake',
  args,
  create: () => Promise.resolve({ start: () => Promise.resolve(args), stop }),
});

test('one that does not end is left alone after a while, with a line in the log', async () => {
  const all = providers();
  const first = all.begin();
  await first.provide(order('a', () => new Promise(() => {})));
  await first.commit();
  let stopped = false;
  const stopping = all.stop().then(() => (stopped = true));
  await clock.advance(4999);
  assert.equal(stopped, false);
  await clock.advance(1);
  await stopping;
  assert.deepEqual(
    log.lines.map(({ level, message }) => [level, message]),
    [['error', 'a component does not shut down; it is left alone']],
  );
  assert.equal(clock.pending, 0);
});

test('one that fails to end is told, and the others end', async () => {
  const all = providers();
  const first = all.begin();
  const ended: unknown[] = [];
  await first.provide(order('a', () => Promise.reject(new Error('broken'))));
  await first.provide({ ...order('b', () => Promise.resolve(void ended.push('b'))), id: 'local.fake.g' });
  await first.rollback();
  await settle();
  assert.deepEqual(ended, ['b']);
  assert.equal(log.lines.at(-1)?.message, 'a component failed to shut down');
});

test('series go with the last provider of an id, and with one that never came into force', async () => {
  const forgotten: string[] = [];
  const all = providers((id) => forgotten.push(id));
  const named = (id: string, args: unknown): ProviderOrder => ({ ...order(args, () => Promise.resolve()), id });
  const first = all.begin();
  await first.provide(named('stays', 'a'));
  await first.provide(named('goes', 'a'));
  await first.commit();
  const failed = all.begin();
  await failed.provide(named('stays', 'b'));
  await failed.provide(named('tried', 'a'));
  await failed.rollback();
  assert.deepEqual(forgotten, ['tried']);
  const second = all.begin();
  await second.provide(named('stays', 'c'));
  await second.commit();
  assert.deepEqual(forgotten, ['tried', 'goes']);
});

test('whatever keeps one from beginning is an error of the configuration', async () => {
  const attempt = providers().begin();
  const create: ProviderOrder['create'] = () =>
    Promise.resolve({ start: () => Promise.reject(new Error('EACCES')), stop: () => Promise.resolve() });
  await assert.rejects(attempt.provide({ id: 'x', name: 'x', args: {}, create }), {
    code: 'provider',
    message: 'EACCES',
  });
});
