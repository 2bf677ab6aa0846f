import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '#components/loki/process/worker.ts';
import { args as schema } from '#components/loki/process/schema.ts';
import { isAccepted, Outcome } from '#shared/outcome.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { processor } from '#test/support/loki-process.ts';
import { linesBatch, linesIn } from '#test/support/loki.ts';
import { later } from '#test/support/recording-consumer.ts';
import { workerContext } from '#test/support/worker-context.ts';

const DROP = 'stage.drop {\n expression = "drop"\n}\nstage.static_labels {\n values = { s = "1" }\n}';

test('lines keep their order, and those of a stream stay together', () => {
  const { run, ctx } = processor('stage.logfmt {\n mapping = { l = "" }\n}\nstage.labels {\n values = { l = "" }\n}');
  const out = run([
    { labels: { a: '1' }, line: 'l=x 1' },
    { labels: { a: '1' }, line: 'l=x 2' },
    { labels: { a: '1' }, line: 'l=y 3' },
    { labels: { a: '2' }, line: 'l=y 4' },
  ]);
  assert.deepEqual(
    out.map(({ labels, line }) => [labels, line]),
    [
      [{ a: '1', l: 'x' }, 'l=x 1'],
      [{ a: '1', l: 'x' }, 'l=x 2'],
      [{ a: '1', l: 'y' }, 'l=y 3'],
      [{ a: '2', l: 'y' }, 'l=y 4'],
    ],
  );
  assert.deepEqual(ctx.next.loki.sizes, [4]);
});

test('a refused batch that is offered again is not run again, and reaches the next one as the same batch', async () => {
  const ctx = workerContext('loki.process.test');
  const part = create(argsOf(schema, `forward_to = []\n${DROP}`), ctx);
  const batch = linesBatch([
    { labels: {}, line: 'drop' },
    { labels: {}, line: 'keep' },
  ]);
  ctx.next.loki.answer = () => Outcome.queueFull;
  assert.equal(part.input?.consume(batch), Outcome.queueFull);
  const slow = later();
  ctx.next.loki.answer = () => slow.promise;
  const answer = part.input?.consume(batch);
  slow.resolve(Outcome.queueFull);
  assert.equal(await answer, Outcome.queueFull);
  ctx.next.loki.answer = () => Outcome.accepted;
  assert.equal(part.input?.consume(batch), Outcome.accepted);
  assert.equal(ctx.meter.value('loki_process_dropped_lines_total', { reason: 'drop_stage' }), 1);
  assert.deepEqual(
    ctx.next.loki.taken.map(({ bytes }) => linesIn(bytes).map(({ line }) => line)),
    [['keep']],
  );
  assert.equal(new Set(ctx.next.loki.offered.map(({ bytes }) => bytes)).size, 1);
});

test('a batch of which nothing is left is accepted and goes nowhere', () => {
  const { run, ctx } = processor(DROP);
  assert.deepEqual(run([{ labels: {}, line: 'drop' }]), []);
  assert.equal(ctx.next.loki.offered.length, 0);
});

test('without stages batches pass as they are; stages of an update hold for the next batch', () => {
  const { run, update } = processor('');
  assert.deepEqual(run([{ labels: { a: '1' }, line: 'drop' }])[0].line, 'drop');
  update(DROP);
  assert.deepEqual(run([{ labels: { a: '1' }, line: 'drop' }]), []);
});

test('an update that leaves the stages as they are leaves what they remember', () => {
  const stages = 'stage.timestamp {\n source = "t"\n format = "UnixNs"\n}';
  const { run, update } = processor(stages);
  const at = (): bigint | undefined => run([{ labels: { t: '10' }, line: 'x' }])[0].at;
  assert.equal(at(), 10n);
  update(stages);
  assert.equal(at(), 11n);
  update(`${stages}\nstage.decolorize { }`);
  assert.equal(at(), 10n);
});

test('malformed bytes and a stopped part: refused, nothing goes on', async () => {
  const ctx = workerContext('loki.process.test');
  const part = create(argsOf(schema, `forward_to = []\n${DROP}`), ctx);
  const batch = linesBatch([{ labels: {}, line: 'x' }]);
  assert.equal(part.input?.consume({ ...batch, bytes: Buffer.of(0x0a, 0x7f) }), Outcome.malformed);
  await part.stop(1000);
  assert.ok(!isAccepted((await part.input?.consume(batch)) ?? Outcome.accepted));
  assert.equal(ctx.next.loki.offered.length, 0);
  assert.equal(ctx.clock.pending, 0);
});

test('a line of megabytes passes every kind of stage', () => {
  const line = `{"a":"${'x'.repeat(5_000_000)}"}`;
  const { run } = processor(
    'stage.json {\n expressions = { a = "" }\n}\nstage.logfmt {\n regex = "a"\n}\nstage.regex {\n expression = "(x+)+y"\n}\nstage.replace {\n expression = "(y)"\n replace = "z"\n}\nstage.template {\n source = "n"\n template = "{{ len .a }}"\n}\nstage.labels {\n values = { n = "" }\n}',
  );
  assert.deepEqual(run([{ labels: {}, line }])[0].labels, { n: '5000000' });
});
