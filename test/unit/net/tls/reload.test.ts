import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Loaded } from '#net/tls/load.ts';
import { reloadTls } from '#net/tls/reload.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const loaded = (text: string): Loaded<string> => ({ options: text, digest: text });

test('hands on what changed, and only that', async () => {
  const clock = new FakeClock();
  const applied: string[] = [];
  let now = 'a';
  let looks = 0;
  const reload = reloadTls(
    loaded('a'),
    () => (looks++, loaded(now)),
    (options) => applied.push(options),
    1000,
    clock,
    new RecordingLog(),
  );
  await clock.advance(2500);
  assert.deepEqual({ looks, applied }, { looks: 2, applied: [] });
  now = 'b';
  await clock.advance(1000);
  await clock.advance(1000);
  assert.deepEqual(applied, ['b']);
  reload.stop();
  now = 'c';
  await clock.advance(5000);
  assert.deepEqual(applied, ['b']);
  assert.equal(clock.pending, 0);
});

test('a failing load keeps what is in use, is logged once, and logged again after a recovery', async () => {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const { lines } = log;
  const applied: string[] = [];
  let next: string | Error = new Error('cannot read the TLS key k.pem');
  const load = (): Loaded<string> => {
    if (next instanceof Error) throw next;
    return loaded(next);
  };
  const reload = reloadTls(loaded('a'), load, (options) => applied.push(options), 1000, clock, log);
  await clock.advance(3000);
  assert.deepEqual(
    lines.map((l) => l.level),
    ['error'],
  );
  assert.match(lines[0]?.message ?? '', /present ones stay in use/);
  assert.equal(lines[0]?.fields['err'], 'cannot read the TLS key k.pem');
  next = 'b';
  await clock.advance(1000);
  assert.deepEqual(applied, ['b']);
  next = new Error('again');
  await clock.advance(3000);
  assert.deepEqual(
    lines.map((l) => l.level),
    ['error', 'info', 'error'],
  );
  reload.stop();
});

test('an interval of 0 never looks', () => {
  const clock = new FakeClock();
  reloadTls(
    loaded('a'),
    () => assert.fail(),
    () => assert.fail(),
    0,
    clock,
    new RecordingLog(),
  ).stop();
  assert.equal(clock.pending, 0);
});
