import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KEPT, LEFT_OUT, MetricsEditor, REPLACED, type MetricEdits } from '#components/kit/metrics/edit.ts';
import { CUMULATIVE, type Metric, type Point } from '#components/kit/metrics/metric.ts';
import { valueOf, writeNumber } from '#components/kit/metrics/number.ts';
import { METRICS } from '#shared/signal.ts';
import {
  gauge,
  metricsBatch,
  numbersOf,
  point,
  readMetrics,
  requestBatch,
  sum,
  text,
  type Fields,
} from '#test/support/metrics-batch.ts';
import { decodeRequest } from '#test/support/otlp-proto.ts';

const none: MetricEdits = { temporality: null, wants: () => false, point: () => KEPT };
const all = (what: (metric: Metric, point: Point) => number): MetricEdits => ({
  temporality: null,
  wants: () => true,
  point: what,
});

describe('an edited request', () => {
  const batch = requestBatch([
    {
      resource: { attributes: [text('a', '1')] },
      schemaUrl: 'r',
      scopeMetrics: [
        {
          scope: { name: 's' },
          schemaUrl: 's',
          metrics: [gauge('g', [point(0, 1, 1), point(0, 2, 2)]), sum('s', [point(0, 1, 5n)], 1)],
        },
        { scope: { name: 'other' }, metrics: [{ name: 'empty' }] },
      ],
    },
    { scopeMetrics: [{ metrics: [gauge('h', [point(0, 3, 3)])] }] },
  ]);

  it('is the same when nothing is wanted', () => {
    const editor = new MetricsEditor();
    assert.equal(editor.run(batch.bytes, none), batch.bytes);
    assert.equal(editor.items, 4);
  });

  it('says the same when everything is kept', () => {
    const edited = new MetricsEditor().run(
      batch.bytes,
      all(() => KEPT),
    );
    assert.deepEqual(decodeRequest(METRICS, edited!), decodeRequest(METRICS, batch.bytes));
  });

  it('is nothing when no point is left', () => {
    const editor = new MetricsEditor();
    assert.equal(
      editor.run(
        batch.bytes,
        all(() => LEFT_OUT),
      ),
      null,
    );
    assert.equal(editor.items, 0);
  });

  it('loses metrics, scopes and resources that have lost all points', () => {
    const editor = new MetricsEditor();
    const bytes = editor.run(
      batch.bytes,
      all((_, { timeNs }) => (timeNs === 2n ? KEPT : LEFT_OUT)),
    )!;
    assert.deepEqual(numbersOf({ bytes }), ['0-2=2']);
    assert.equal(editor.items, 1);
    const { resourceMetrics } = decodeRequest(METRICS, bytes) as unknown as { resourceMetrics: Fields[] };
    assert.equal(resourceMetrics.length, 1);
    assert.deepEqual(
      [resourceMetrics[0]['schemaUrl'], (resourceMetrics[0]['scopeMetrics'] as Fields[])[0]['schemaUrl']],
      ['r', 's'],
    );
  });

  it('has points replaced, whatever their length, and another temporality', () => {
    const edits: MetricEdits = {
      temporality: CUMULATIVE,
      wants: (metric) => metric.name === 's',
      point: (_metric, p, out) => {
        writeNumber(out, p, 77n, (valueOf(p) as bigint) + 1n);
        return REPLACED;
      },
    };
    const bytes = new MetricsEditor().run(batch.bytes, edits)!;
    assert.deepEqual(numbersOf({ bytes }), ['0-1=1', '0-2=2', '77-1=6', '0-3=3']);
    assert.deepEqual(
      readMetrics({ bytes }).map(({ temporality }) => temporality),
      [undefined, 2, undefined, undefined],
    );
  });
});

describe('keys', () => {
  function keysOf(...batches: readonly { readonly bytes: Buffer }[]): string[] {
    const keys: string[] = [];
    for (const { bytes } of batches)
      new MetricsEditor().run(
        bytes,
        all((metric, p) => {
          keys.push(JSON.stringify([metric.key, p.key()]));
          return KEPT;
        }),
      );
    return keys;
  }
  const many = Array.from({ length: 40 }, (_, i) => text(`key ${i}`, 'x'.repeat(i)));

  it('are the same whatever the order of attributes', () => {
    const of = (attributes: readonly Fields[]) =>
      requestBatch([
        {
          resource: { attributes },
          scopeMetrics: [{ scope: { name: 's', attributes }, metrics: [gauge('m', [point(0, 1, 1, attributes)])] }],
        },
      ]);
    for (const attributes of [[text('a', '1'), text('b', '2'), text('ab', '')], many]) {
      const [first, ...others] = keysOf(
        of(attributes),
        of([...attributes].reverse()),
        of([...attributes.slice(1), attributes[0]]),
      );
      assert.deepEqual(others, [first, first]);
    }
  });

  it('differ where anything that tells streams apart does', () => {
    const base = { resource: {}, scope: { name: 's', version: '1' }, metric: gauge('m', [point(0, 1, 1)]) };
    const variants: readonly Partial<Record<keyof typeof base, Fields>>[] = [
      {},
      { resource: { attributes: [text('a', '1')] } },
      { resource: { attributes: [text('a', '1'), text('a', '1')] } },
      { scope: { name: 's1' } },
      { scope: { name: '', version: 's1' } },
      { scope: { name: 's', version: '1', attributes: [text('a', '1')] } },
      { metric: { ...gauge('m', [point(0, 1, 1)]), unit: 'ms' } },
      { metric: gauge('n', [point(0, 1, 1)]) },
      { metric: gauge('m', [point(0, 1, 1, [text('', '')])]) },
      { metric: gauge('m', [point(0, 1, 1, [text('a', '')])]) },
      { metric: gauge('m', [point(0, 1, 1, [text('a', 'x'.repeat(1000))])]) },
      { metric: gauge('m', [point(0, 1, 1, [text('a', 'x'.repeat(1001))])]) },
      { metric: sum('m', [point(0, 1, 1)], 1) },
      { metric: sum('m', [point(0, 1, 1)], 2) },
      { metric: sum('m', [point(0, 1, 1)], 2, false) },
    ];
    const keys = keysOf(
      ...variants.map((change) => {
        const { resource, scope, metric } = { ...base, ...change };
        return requestBatch([{ resource, scopeMetrics: [{ scope, metrics: [metric] }] }]);
      }),
    );
    assert.equal(new Set(keys).size, variants.length);
    assert.ok(keys.every((key) => key.length < 1000));
  });

  it('hold bytes that are not UTF-8', () => {
    const odd = (byte: number): Fields => ({ key: 'k', value: { bytesValue: Buffer.from([byte]) } });
    const keys = keysOf(metricsBatch([gauge('m', [point(0, 1, 1, [odd(0xfe)]), point(0, 1, 1, [odd(0xff)])])]));
    assert.equal(new Set(keys).size, 2);
  });
});
