import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { args as schema, type Args } from '#components/otelcol/exporter/debug/schema.ts';
import { create } from '#components/otelcol/exporter/debug/worker.ts';
import { defaults } from '#config/schema/schema.ts';
import { MillraceError } from '#shared/errors.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { workerContext } from '#test/support/worker-context.ts';

function setUp(args: Partial<Args> = {}) {
  const ctx = workerContext('otelcol.exporter.debug.default');
  const all: Args = { ...defaults(schema), ...args };
  const part = create(all, ctx);
  const offer = (...batch: Parameters<typeof numbered>) => part.input?.consume(numbered(...batch));
  return { ctx, all, part, offer };
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-debug-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

describe('through the log', () => {
  it('basic: one line with the numbers of each batch', async () => {
    const { ctx, part, offer } = setUp();
    await part.start();
    assert.equal(offer(TRACES, 0, 3), Outcome.accepted);
    void offer(METRICS, 0, 4);
    void offer(LOGS, 0, 5);
    assert.deepEqual(ctx.log.lines, [
      { level: 'info', message: 'Traces', fields: { resource_spans: 1, spans: 3 } },
      { level: 'info', message: 'Metrics', fields: { resource_metrics: 1, metrics: 1, data_points: 4 } },
      { level: 'info', message: 'Logs', fields: { resource_logs: 1, log_records: 5 } },
    ]);
    assert.equal(
      ctx.meter.value('otelcol_exporter_sent_spans_total', { exporter: 'debug/otelcol.exporter.debug.default' }),
      3,
    );
    await part.stop(1_000);
    assert.equal(ctx.clock.pending, 0);
  });

  it('normal and detailed: the text in a second line', async () => {
    const { ctx, all, part, offer } = setUp({ verbosity: 'normal' });
    await part.start();
    void offer(TRACES, 7, 1);
    await part.update({ ...all, verbosity: 'detailed' });
    void offer(TRACES, 7, 1);
    assert.equal(ctx.log.lines[1]?.message, 'ResourceTraces #0 service.name=numbers\nScopeTraces #0 counter\n#7  ');
    assert.match(ctx.log.lines[3]?.message ?? '', /^ResourceSpans #0\n[^]*\n {4}Name {11}: #7\n/);
    await part.stop(1_000);
  });

  it('samples by batch and signal, and counts what it does not print', async () => {
    const { ctx, part, offer } = setUp({ sampling_initial: 1, sampling_thereafter: 2 });
    await part.start();
    for (let i = 0; i < 5; i++) void offer(TRACES, i, 1);
    void offer(LOGS, 0, 1);
    assert.deepEqual(
      ctx.log.lines.map((line) => line.message),
      ['Traces', 'Traces', 'Traces', 'Logs'],
    );
    assert.equal(ctx.meter.value('otelcol_exporter_sent_spans_total'), 5);
    await part.stop(1_000);
  });

  it('takes nothing after stop', async () => {
    const { ctx, part, offer } = setUp();
    await part.start();
    await part.stop(1_000);
    assert.equal(offer(TRACES, 0, 1), Outcome.stopping);
    assert.deepEqual(ctx.log.lines, []);
  });
});

describe('to output_paths', () => {
  it('appends whole batches to each file', async (t) => {
    const folder = await temporaryFolder(t);
    const paths = [join(folder, 'a.txt'), join(folder, 'b.txt')];
    for (const verbosity of ['basic', 'normal'] as const) {
      const { ctx, part, offer } = setUp({ use_internal_logger: false, output_paths: paths, verbosity });
      await part.start();
      await offer(TRACES, 7, 2);
      await part.stop(1_000);
      assert.deepEqual(ctx.log.lines, []);
    }
    const text =
      'Traces\t{"resource spans": 1, "spans": 2}\n'.repeat(2) +
      'ResourceTraces #0 service.name=numbers\nScopeTraces #0 counter\n#7  \n#8  \n';
    for (const path of paths) assert.equal(await readFile(path, 'utf8'), text);
  });

  it('makes the sender wait while the file is slower than the data, and loses nothing', async (t) => {
    const path = join(await temporaryFolder(t), 'slow.txt');
    const { part, offer } = setUp({ use_internal_logger: false, output_paths: [path], verbosity: 'detailed' });
    await part.start();
    const outcomes = Array.from({ length: 20 }, (_, i) => offer(TRACES, i * 100, 100));
    assert.ok(outcomes.some((outcome) => outcome instanceof Promise));
    assert.deepEqual(new Set(await Promise.all(outcomes)), new Set([Outcome.accepted]));
    await part.stop(10_000);
    assert.equal((await readFile(path, 'utf8')).match(/^ {4}Name/gm)?.length, 2000);
  });

  it('moves to other files on update', async (t) => {
    const folder = await temporaryFolder(t);
    const [first, second] = [join(folder, 'first.txt'), join(folder, 'second.txt')];
    const { all, part, offer } = setUp({ use_internal_logger: false, output_paths: [first] });
    await part.start();
    await offer(TRACES, 0, 1);
    await part.update({ ...all, output_paths: [second] });
    await offer(TRACES, 0, 2);
    await part.stop(1_000);
    assert.equal(await readFile(first, 'utf8'), 'Traces\t{"resource spans": 1, "spans": 1}\n');
    assert.equal(await readFile(second, 'utf8'), 'Traces\t{"resource spans": 1, "spans": 2}\n');
  });

  it('cannot start with a file that cannot be opened, and names component and file', async (t) => {
    const path = join(await temporaryFolder(t), 'missing', 'x.txt');
    const { part } = setUp({ use_internal_logger: false, output_paths: [path] });
    await assert.rejects(
      async () => part.start(),
      (error: unknown) => {
        assert.ok(error instanceof MillraceError);
        assert.ok(
          error.message.includes('otelcol.exporter.debug.default') && error.message.includes(path),
          error.message,
        );
        return true;
      },
    );
  });
});
