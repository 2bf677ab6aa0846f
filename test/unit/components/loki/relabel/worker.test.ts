import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create as createProvider } from '#components/loki/relabel/provider.ts';
import { args as schema } from '#components/loki/relabel/schema.ts';
import { create } from '#components/loki/relabel/worker.ts';
import { Outcome } from '#shared/outcome.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { linesBatch, linesIn, type TestLine } from '#test/support/loki.ts';
import { workerContext } from '#test/support/worker-context.ts';

const RULES = `
  rule {
    source_labels = ["app"]
    regex         = "secret.*"
    action        = "drop"
  }
  rule {
    source_labels = ["app", "env"]
    separator     = "/"
    target_label  = "job"
  }
  rule {
    regex  = "env"
    action = "labeldrop"
  }`;
const relabel = (text: string, ctx = workerContext('loki.relabel.test')) => ({
  ctx,
  part: create(argsOf(schema, `forward_to = []\n${text}`), ctx),
});
const LINES: readonly TestLine[] = [
  { labels: { app: 'a', env: 'dev' }, at: 5n, line: 'one', meta: { k: 'v' } },
  { labels: { app: 'a', env: 'dev' }, at: 6n, line: 'two' },
  { labels: { app: 'secret-x' }, line: 'no' },
  { labels: { app: 'b', env: 'prod' }, line: 'three' },
];

test('labels are changed, lines stay what they are, streams are dropped', () => {
  const { ctx, part } = relabel(RULES);
  assert.equal(part.input?.consume(linesBatch(LINES)), Outcome.accepted);
  assert.deepEqual(linesIn(ctx.next.loki.taken[0].bytes), [
    { labels: { app: 'a', job: 'a/dev' }, at: 5n, line: 'one', meta: { k: 'v' } },
    { labels: { app: 'a', job: 'a/dev' }, at: 6n, line: 'two', meta: {} },
    { labels: { app: 'b', job: 'b/prod' }, at: 0n, line: 'three', meta: {} },
  ]);
  assert.deepEqual(ctx.next.loki.sizes, [3]);
  const count = (name: string): number => ctx.meter.value(`loki_relabel_${name}`);
  assert.deepEqual([count('entries_processed'), count('entries_written')], [4, 3]);
  assert.deepEqual([count('cache_misses'), count('cache_hits'), count('cache_size')], [3, 0, 3]);
  void part.input?.consume(linesBatch(LINES));
  assert.deepEqual([count('cache_misses'), count('cache_hits'), count('cache_size')], [3, 3, 3]);
});

test('a stream that loses all of its labels is dropped', () => {
  const { ctx, part } = relabel('rule {\n regex = ".*"\n action = "labeldrop"\n}');
  assert.equal(part.input?.consume(linesBatch(LINES)), Outcome.accepted);
  assert.equal(ctx.next.loki.offered.length, 0);
});

test('the cache is bounded, and forgets what was not asked for longest', () => {
  const { ctx, part } = relabel(`${RULES}\nmax_cache_size = 2`);
  const see = (...apps: string[]): void => {
    for (const app of apps) void part.input?.consume(linesBatch([{ labels: { app }, line: 'x' }]));
  };
  see('a', 'b', 'a', 'c', 'a', 'b');
  const count = (name: string): number => ctx.meter.value(`loki_relabel_cache_${name}`);
  assert.deepEqual([count('size'), count('hits'), count('misses')], [2, 2, 4]);
});

test('labels that look like others are told apart', () => {
  const { ctx, part } = relabel(RULES);
  void part.input?.consume(
    linesBatch([
      { labels: { app: 'a', env: '1:b' }, line: '1' },
      { labels: { app: 'a1', env: ':b' }, line: '2' },
    ]),
  );
  assert.deepEqual(
    linesIn(ctx.next.loki.taken[0].bytes).map(({ labels }) => labels['job']),
    ['a/1:b', 'a1/:b'],
  );
});

test('new rules hold for the next batch; a refused batch is relabeled once', () => {
  const { ctx, part } = relabel(RULES);
  const batch = linesBatch(LINES);
  ctx.next.loki.answer = () => Outcome.queueFull;
  assert.equal(part.input?.consume(batch), Outcome.queueFull);
  void part.update(argsOf(schema, 'forward_to = []'));
  ctx.next.loki.answer = () => Outcome.accepted;
  assert.equal(part.input?.consume(batch), Outcome.accepted);
  assert.equal(ctx.next.loki.offered[0].bytes, ctx.next.loki.offered[1].bytes);
  assert.equal(ctx.meter.value('loki_relabel_entries_processed'), 4);
  void part.input?.consume(linesBatch(LINES));
  assert.equal(linesIn(ctx.next.loki.taken[1].bytes).length, 4);
});

test('malformed bytes and a stopped part are answered so', async () => {
  const { ctx, part } = relabel(RULES);
  const batch = linesBatch(LINES);
  assert.equal(part.input?.consume({ ...batch, bytes: Buffer.of(0x0a, 0x7f) }), Outcome.malformed);
  await part.stop(1000);
  assert.equal(part.input?.consume(batch), Outcome.stopping);
  assert.equal(ctx.next.loki.offered.length, 0);
});

test('the rules are exported', async () => {
  const args = argsOf(schema, `forward_to = []\n${RULES}`);
  const { rules } = await createProvider(args, null as never).start();
  assert.equal(rules.capsule, 'relabel.Rules');
  assert.deepEqual(
    rules.rules.map(({ action }) => action),
    ['drop', 'replace', 'labeldrop'],
  );
});

test('a cache without room is a mistake', () => {
  assert.match(decodeArgs(schema, 'forward_to = []\nmax_cache_size = 0').problems[0], /greater than 0/);
});
