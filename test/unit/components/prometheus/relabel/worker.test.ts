import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fanOut } from '#components/kit/fan-out.ts';
import type { Batch } from '#components/kit/batch.ts';
import { Relabeler } from '#components/kit/relabel/relabeler.ts';
import { args, type Args } from '#components/prometheus/relabel/schema.ts';
import { create } from '#components/prometheus/relabel/worker.ts';
import { create as createProvider } from '#components/prometheus/relabel/provider.ts';
import { countItems } from '#codec/prometheus/write-request.ts';
import { Outcome } from '#shared/outcome.ts';
import { PROMETHEUS } from '#shared/signal.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { decodeWriteRequest, encodeWriteRequest, listSeries, seriesText, STALE } from '#test/support/prom-proto.ts';
import { providerContext } from '#test/support/provider-context.ts';
import { later, RecordingConsumer } from '#test/support/recording-consumer.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

type PromBatch = Batch<typeof PROMETHEUS>;
type Labels = Readonly<Record<string, string>>;

const request = (...series: readonly Labels[]): Buffer =>
  encodeWriteRequest({
    timeseries: series.map((labels, i) => ({
      labels: Object.entries(labels)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => ({ name, value })),
      samples: [{ value: i, timestamp: 1000 + i }],
      exemplars: [{ labels: [{ name: 'trace_id', value: String(i) }], value: i, timestamp: 1000 }],
    })),
    metadata: [{ type: 1, metricFamilyName: 'm', help: 'help' }],
  });
const batch = (bytes: Buffer, owned = true): PromBatch => ({
  signal: PROMETHEUS,
  bytes,
  items: countItems(bytes),
  metadata: null,
  owned,
});
const RULES = `
  forward_to = []
  rule {
    action        = "drop"
    source_labels = ["path"]
    regex         = "/health"
  }
  rule {
    source_labels = ["path"]
    regex         = "/api/(.*)"
    target_label  = "route"
  }`;

function part(text = RULES, ctx: TestWorkerContext = workerContext('prometheus.relabel.test')) {
  const made = create(argsOf(args, text), ctx);
  void made.start();
  return { ctx, part: made, consume: (b: PromBatch) => made.input!.consume(b), next: ctx.next.prometheus };
}
const value = (ctx: TestWorkerContext, name: string): number => ctx.meter.value(`alloy_prometheus_relabel_${name}`);
const taken = ({ taken: batches }: RecordingConsumer<typeof PROMETHEUS>): string[] =>
  batches.flatMap((b) => listSeries(b.bytes).map(seriesText));

describe('prometheus.relabel', () => {
  it('drops and changes series; samples, exemplars and metadata stay with what is kept', () => {
    const { ctx, consume, next } = part();
    const bytes = request({ __name__: 'm', path: '/health' }, { __name__: 'm', path: '/api/x' }, { __name__: 'm' });
    assert.equal(consume(batch(bytes)), Outcome.accepted);
    assert.deepEqual(taken(next), ['m{path="/api/x",route="x"}', 'm{}']);
    assert.deepEqual(next.sizes, [2]);
    const [before, after] = [bytes, next.taken[0].bytes].map((b) => listSeries(b));
    assert.deepEqual(
      after.map(({ samples, exemplars }) => [samples, exemplars]),
      before.slice(1).map(({ samples, exemplars }) => [samples, exemplars]),
    );
    assert.deepEqual(decodeWriteRequest(next.taken[0].bytes)['metadata'], decodeWriteRequest(bytes)['metadata']);
    assert.deepEqual(
      ['metrics_processed', 'metrics_written', 'cache_misses', 'cache_size'].map((n) => value(ctx, n)),
      [3, 2, 3, 3],
    );
  });

  it('knows series again', () => {
    const { ctx, consume } = part();
    for (let i = 0; i < 3; i++) void consume(batch(request({ __name__: 'm', path: '/api/x' }, { __name__: 'm' })));
    assert.deepEqual(
      ['cache_hits', 'cache_misses'].map((n) => value(ctx, n)),
      [4, 2],
    );
  });

  it('forgets a series that has ended, after its marker has gone on', () => {
    const { ctx, consume, next } = part();
    const ended = encodeWriteRequest({
      timeseries: [{ labels: [{ name: 'path', value: '/api/x' }], samples: [{ value: STALE, timestamp: 1 }] }],
    });
    void consume(batch(ended));
    assert.equal(listSeries(next.taken[0].bytes)[0].samples[0].value, 'stale');
    assert.deepEqual(
      ['cache_size', 'cache_deletes'].map((n) => value(ctx, n)),
      [0, 1],
    );
  });

  it('sends nothing on when nothing is left', () => {
    const { consume, next } = part();
    assert.equal(consume(batch(request({ __name__: 'm', path: '/health' }))), Outcome.accepted);
    assert.equal(next.offered.length, 0);
  });

  it('without rules a batch goes through as it is', () => {
    const { consume, next } = part('forward_to = []');
    const bytes = request({ __name__: 'm' });
    void consume(batch(bytes));
    assert.equal(next.taken[0].bytes, bytes);
  });

  it('never writes into a borrowed batch, and what it sends on is its own', () => {
    const { consume, next } = part();
    const bytes = request({ __name__: 'm', path: '/api/x' });
    const before = Buffer.from(bytes);
    next.answer = (b) => {
      assert.ok(b.owned);
      return Outcome.accepted;
    };
    void consume(batch(bytes, false));
    assert.deepEqual(bytes, before);
  });

  it('a batch that is offered again reaches only those who have not taken it', async () => {
    const healthy = new RecordingConsumer<typeof PROMETHEUS>();
    const full = new RecordingConsumer<typeof PROMETHEUS>(() => Outcome.queueFull);
    const ctx = workerContext('prometheus.relabel.test');
    const both = { ...ctx, next: { ...ctx.next, prometheus: fanOut([healthy, full] as never) } };
    const made = create(argsOf(args, RULES), both);
    void made.start();
    const b = batch(request({ __name__: 'm', path: '/api/x' }));
    assert.equal(made.input!.consume(b), Outcome.queueFull);
    full.answer = () => Outcome.accepted;
    assert.equal(made.input!.consume(b), Outcome.accepted);
    assert.deepEqual([healthy.taken.length, full.taken.length], [1, 1]);
    assert.equal(ctx.meter.value('alloy_prometheus_relabel_metrics_processed'), 1, 'counted once');
    await made.stop(0);
  });

  it('waits for an answer that comes later', async () => {
    const { consume, next } = part();
    const { promise, resolve } = later();
    next.answer = () => promise;
    const answer = consume(batch(request({ __name__: 'm', path: '/api/x' })));
    resolve(Outcome.downstreamRejected);
    assert.equal(await answer, Outcome.downstreamRejected);
  });

  it('an update takes new rules at once and forgets what the old ones made', () => {
    const { part: made, consume, next } = part();
    void consume(batch(request({ __name__: 'm', path: '/api/x' })));
    void made.update(argsOf(args, 'forward_to = []\nrule {\ntarget_label = "route"\nreplacement = "all"\n}'));
    void consume(batch(request({ __name__: 'm', path: '/api/x' })));
    assert.deepEqual(taken(next), ['m{path="/api/x",route="x"}', 'm{path="/api/x",route="all"}']);
  });

  it('cache_ttl empties the cache, and a stopped part has no timer', async () => {
    const { ctx, part: made, consume } = part(`${RULES}\ncache_ttl = "10s"`);
    void consume(batch(request({ __name__: 'm' })));
    await ctx.clock.advance(20_001);
    assert.equal(value(ctx, 'cache_size'), 0);
    void made.update(argsOf(args, `${RULES}\ncache_ttl = "1s"`));
    assert.equal(ctx.clock.pending, 1);
    await made.stop(1000);
    assert.equal(ctx.clock.pending, 0);
    assert.equal(made.input!.consume(batch(request({ __name__: 'm' }))), Outcome.stopping);
  });

  it('refuses bytes that are no series, whole', () => {
    const { consume, next } = part();
    for (const bad of ['0aff', '0a03120508', '0a040a020aff'])
      assert.equal(
        consume({ ...batch(request({ __name__: 'm' })), bytes: Buffer.from(bad, 'hex') }),
        Outcome.malformed,
        bad,
      );
    assert.equal(next.offered.length, 0);
  });

  it('workers share max_cache_size', () => {
    const { ctx, consume } = part(`${RULES}\nmax_cache_size = 4`, workerContext('x', { index: 0, count: 2 }));
    void consume(batch(request(...['a', 'b', 'c', 'd'].map((__name__) => ({ __name__ })))));
    assert.equal(value(ctx, 'cache_size'), 2);
  });

  it('exports its rules', async () => {
    const decoded: Args = argsOf(args, RULES);
    const provider = createProvider(decoded, providerContext('prometheus.relabel.test'));
    assert.deepEqual(await provider.start(), { rules: { capsule: 'relabel.Rules', rules: decoded.rule } });
    await provider.stop();
  });

  it('a cache needs a size', () =>
    assert.deepEqual(decodeArgs(args, `forward_to = []\nmax_cache_size = 0`).problems, [
      '2: max_cache_size must be greater than 0 and is 0',
    ]));

  it('property: over bytes and over objects the result is the same', () => {
    const name = fc.constantFrom('__name__', 'a', 'b', 'c', 'job', 'Ä');
    const labelSet = fc.dictionary(name, fc.constantFrom('x', 'foo', 'BAR', 'ü\n', 'a;b'), {
      minKeys: 1,
      noNullPrototype: true,
    });
    const rule = fc.record({
      action: fc.constantFrom(
        'replace',
        'keep',
        'drop',
        'labelmap',
        'labeldrop',
        'labelkeep',
        'lowercase',
        'hashmod',
        'keepequal',
        'dropequal',
      ),
      source_labels: fc.subarray(['a', 'b', 'c', 'job']),
      regex: fc.constantFrom('(.*)', 'f(.*)', '[a-c]', '(?i)bar', '.+', 'x|foo'),
      target_label: fc.constantFrom('a', 'new', 'job'),
      replacement: fc.constantFrom('$1', 'const', '${1}x', ''),
      separator: fc.constant(';'),
      modulus: fc.constant(7n),
    });
    fc.assert(
      fc.property(
        fc.array(labelSet, { maxLength: 6 }),
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        (sets, rules) => {
          const decoded = { ...argsOf(args, 'forward_to = []'), rule: rules } as unknown as Args;
          const ctx = workerContext('x');
          const made = create(decoded, ctx);
          if (sets.length === 0) return;
          // Twice: first read, then known.
          for (let i = 0; i < 2; i++) void made.input!.consume(batch(request(...sets)));
          const relabeler = new Relabeler(decoded.rule);
          const wanted = sets.flatMap((set) => {
            const labels = relabeler.apply(Object.entries(set).sort(([x], [y]) => (x < y ? -1 : 1)));
            return labels === null || labels.length === 0 ? [] : [labels];
          });
          const got = ctx.next.prometheus.taken.flatMap((b) => listSeries(b.bytes).map(({ labels }) => labels));
          assert.deepEqual(got, [...wanted, ...wanted]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
