import assert from 'node:assert/strict';
import { test } from 'node:test';
import { polled, type PolledOptions } from '#components/kit/watch/polled.ts';
import { MillraceError } from '#shared/errors.ts';
import { providerContext, type TestProviderContext } from '#test/support/provider-context.ts';

const OPTIONS: Omit<PolledOptions<string>, 'look'> = {
  everyMs: 1000,
  settleMs: 0,
  same: (a, b) => a === b,
  wellText: 'read it',
  failedText: 'cannot read it',
};
const broken = (why: string): MillraceError => new MillraceError('x', why);

function world(now: () => string, options: Partial<PolledOptions<string>> = {}) {
  const ctx: TestProviderContext<string> = providerContext('local.file.x');
  // eslint-disable-next-line @typescript-eslint/require-await
  const provider = polled({ ...OPTIONS, look: async () => now(), ...options }, ctx);
  return { ctx, provider };
}

test('without a value at the start it rejects, and stops all the same', async () => {
  const { ctx, provider } = world(() => {
    throw broken('there is none');
  });
  await assert.rejects(provider.start(), { message: 'there is none' });
  await provider.stop();
  await ctx.clock.advance(10_000);
  assert.deepEqual([ctx.reported, ctx.published, ctx.clock.pending], [[], [], 0]);
});

test('what changed is published, and nothing else', async () => {
  let now = 'a';
  const { ctx, provider } = world(() => now);
  assert.equal(await provider.start(), 'a');
  await ctx.clock.advance(3000);
  assert.deepEqual(ctx.published, []);
  now = 'b';
  await ctx.clock.advance(2000);
  now = 'a';
  await ctx.clock.advance(1000);
  assert.deepEqual(ctx.published, ['b', 'a']);
  await provider.stop();
  now = 'c';
  await ctx.clock.advance(10_000);
  assert.deepEqual(ctx.published, ['b', 'a']);
});

test('a failure keeps the value, tells the health each reason, and the log only the beginning and the end', async () => {
  let now: string | Error = 'a';
  const { ctx, provider } = world(() => {
    if (now instanceof Error) throw now;
    return now;
  });
  await provider.start();
  now = broken('gone');
  await ctx.clock.advance(20_000);
  now = new Error('something else');
  await ctx.clock.advance(20_000);
  assert.deepEqual(ctx.reported, [
    { state: 'healthy', message: 'read it' },
    { state: 'unhealthy', message: 'gone' },
    { state: 'unhealthy', message: 'something else' },
  ]);
  assert.deepEqual(ctx.published, []);
  now = 'a';
  await ctx.clock.advance(1000);
  assert.equal(ctx.state(), 'healthy');
  assert.deepEqual(
    ctx.log.lines.map(({ level, message }) => [level, message]),
    [
      ['error', 'cannot read it'],
      ['info', 'all is well again'],
    ],
  );
  assert.equal(ctx.log.lines[0].fields['err'], 'gone');
  await provider.stop();
});

test('one that comes and goes at every poll costs two lines in ten seconds', async () => {
  let looks = 0;
  const { ctx, provider } = world(
    () => {
      if (looks++ % 2 === 1) throw broken('gone');
      return 'a';
    },
    { everyMs: 100 },
  );
  await provider.start();
  await ctx.clock.advance(9_000);
  assert.equal(ctx.log.lines.length, 2);
  assert.ok(ctx.reported.length > 50);
  await provider.stop();
});

test('what is being written is published when it looked the same twice', async () => {
  const now = ['a', 'a1', 'a12', 'a123', 'a123', 'a123'];
  const { ctx, provider } = world(() => (now.length > 1 ? now.shift() : now[0]) as string, { settleMs: 30 });
  await provider.start();
  await ctx.clock.advance(1000 + 60);
  assert.deepEqual(ctx.published, []);
  await ctx.clock.advance(30);
  assert.deepEqual(ctx.published, ['a123']);
  await provider.stop();
});

test('what goes back to what it was meanwhile is not published', async () => {
  const now = ['a', 'half', 'a', 'a'];
  const { ctx, provider } = world(() => (now.length > 1 ? now.shift() : now[0]) as string, { settleMs: 30 });
  await provider.start();
  await ctx.clock.advance(5000);
  assert.deepEqual(ctx.published, []);
  await provider.stop();
});

test('what never looks the same twice is published all the same', async () => {
  let n = 0;
  const { ctx, provider } = world(() => `value ${n++}`, { settleMs: 30 });
  await provider.start();
  await ctx.clock.advance(1000 + 30 * 19);
  assert.equal(ctx.published.length, 1);
  await provider.stop();
});

test('a stop ends a start under way, and then what was made', async () => {
  const ctx = providerContext<string>('x');
  let ended = 0;
  const provider = polled(
    {
      ...OPTIONS,
      look: (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(broken('aborted')))),
      end: () => Promise.resolve(void ended++),
    },
    ctx,
  );
  const starting = assert.rejects(provider.start(), { message: 'aborted' });
  await ctx.clock.advance(0);
  await Promise.all([provider.stop(), provider.stop()]);
  await starting;
  assert.equal(ended, 1);
});
