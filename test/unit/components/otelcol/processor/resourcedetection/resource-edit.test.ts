import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchEditor } from '#components/kit/edit/batch-editor.ts';
import type { Value } from '#components/otelcol/processor/resourcedetection/detectors/detector.ts';
import { editingOf } from '#components/otelcol/processor/resourcedetection/resource-edit.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { decodeRequest, encodeRequest, type Plain } from '#test/support/otlp-proto.ts';

const ENTRIES = ['resourceSpans', 'resourceMetrics', 'resourceLogs'] as const;
const SCOPES = ['scopeSpans', 'scopeMetrics', 'scopeLogs'] as const;
const ITEMS = ['spans', 'metrics', 'logRecords'] as const;

const text = (key: string, value: string): Plain => ({ key, value: { stringValue: value } });

function request(signal: Signal, entries: readonly { resource?: Plain; schemaUrl?: string }[]): Buffer {
  const item = signal === METRICS ? { name: 'm', gauge: { dataPoints: [{ asDouble: 1 }] } } : {};
  return encodeRequest(signal, {
    [ENTRIES[signal]]: entries.map((entry) => ({
      ...entry,
      [SCOPES[signal]]: [{ scope: { name: 's' }, [ITEMS[signal]]: [item, item] }],
    })),
  });
}

function edited(
  bytes: Buffer,
  attributes: Readonly<Record<string, Value>>,
  override: boolean,
  { signal = TRACES, schemaUrl = '' }: { signal?: Signal; schemaUrl?: string } = {},
): Buffer {
  const { runs } = editingOf({ attributes: new Map(Object.entries(attributes)), schemaUrl }, override);
  let result = bytes;
  const editor = new BatchEditor();
  for (const run of runs[signal]) result = editor.run(signal, result, 2, run)!;
  return result;
}

describe('resource edit', () => {
  const bytes = request(TRACES, [{ resource: { attributes: [text('a', 'old'), text('b', 'stays')] } }]);

  for (const signal of [TRACES, METRICS, LOGS])
    test(`${ENTRIES[signal]}: everything else stays as it is`, () => {
      const entry = { resource: { attributes: [text('a', 'old'), text('b', 'stays')], droppedAttributesCount: 3 } };
      const from = request(signal, [entry, {}, { resource: {} }]);
      const detected = { a: 'new', list: ['x', 'y'], size: 5 };
      const added = [
        { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, { stringValue: 'y' }] } } },
        { key: 'size', value: { intValue: 5 } },
      ];
      const url = 'https://schema';
      const wanted = request(signal, [
        {
          resource: { attributes: [text('a', 'new'), text('b', 'stays'), ...added], droppedAttributesCount: 3 },
          schemaUrl: url,
        },
        { resource: { attributes: [text('a', 'new'), ...added] }, schemaUrl: url },
        { resource: { attributes: [text('a', 'new'), ...added] }, schemaUrl: url },
      ]);
      const result = edited(from, detected, true, { signal, schemaUrl: url });
      assert.deepEqual(decodeRequest(signal, result), decodeRequest(signal, wanted));
    });

  test('without override only what is missing is added', () => {
    const wanted = request(TRACES, [
      { resource: { attributes: [text('a', 'old'), text('b', 'stays'), text('c', 'new')] } },
    ]);
    assert.deepEqual(edited(bytes, { a: 'new', c: 'new' }, false), wanted);
  });

  test('an attribute keeps its place, whatever its size becomes', () => {
    const long = 'x'.repeat(300);
    const wanted = request(TRACES, [{ resource: { attributes: [text('a', long), text('b', 'stays')] } }]);
    assert.deepEqual(edited(bytes, { a: long }, true), wanted);
  });

  test('what is there already is handed on as it came, without a copy', () => {
    assert.equal(edited(bytes, { a: 'old' }, true), bytes);
    assert.equal(edited(bytes, { a: 'new' }, false), bytes);
    assert.equal(edited(bytes, {}, true), bytes);
  });

  test('a schema URL that is there stays; one that is empty does not', () => {
    const from = request(TRACES, [{ schemaUrl: 'mine' }, { schemaUrl: '' }, {}]);
    const wanted = request(TRACES, [{ schemaUrl: 'mine' }, { schemaUrl: 'theirs' }, { schemaUrl: 'theirs' }]);
    const result = edited(from, {}, true, { schemaUrl: 'theirs' });
    assert.deepEqual(decodeRequest(TRACES, result), decodeRequest(TRACES, wanted));
  });
});
