/** `/metrics/derived` as text: families of several components, in both formats, in bounded pieces. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DerivedFamily, DerivedMetrics } from '#components/kit/component.ts';
import { derivedText, leftOutCounter } from '#main/admin/derived.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';

const family = (
  name: string,
  type: DerivedFamily['type'],
  lines: Iterable<string>,
  more: Partial<DerivedFamily> = {},
): DerivedFamily => ({
  name,
  type,
  help: '',
  unit: '',
  series: () => lines,
  ...more,
});
const source = (...families: DerivedFamily[]): DerivedMetrics => ({ families: () => families });

function piecesOf(sources: readonly DerivedMetrics[], isOpenMetrics = false): { pieces: string[]; leftOut: number } {
  const meter = new FakeMeter();
  const next = derivedText(sources, isOpenMetrics, leftOutCounter(meter));
  const pieces: string[] = [];
  for (let piece = next(); piece !== null; piece = next()) pieces.push(piece);
  assert.equal(next(), null);
  return { pieces, leftOut: meter.value('millrace_derived_families_left_out_total') };
}

const CALLS = family('calls', 'counter', ['calls_total{a="1"} 1\n'], { help: 'All "calls"\nof \\ spans.' });
const SECONDS = family('latency_seconds', 'histogram', ['latency_seconds_count 1\n'], { unit: 'seconds' });

describe('formats', () => {
  test('the text format names counters as their samples', () => {
    assert.equal(
      piecesOf([source(CALLS, SECONDS)]).pieces.join(''),
      '# HELP calls_total All "calls"\\nof \\\\ spans.\n# TYPE calls_total counter\ncalls_total{a="1"} 1\n' +
        '# TYPE latency_seconds histogram\nlatency_seconds_count 1\n',
    );
  });

  test('OpenMetrics names families, has units and an end', () => {
    assert.equal(
      piecesOf([source(CALLS, SECONDS)], true).pieces.join(''),
      '# HELP calls All \\"calls\\"\\nof \\\\ spans.\n# TYPE calls counter\ncalls_total{a="1"} 1\n' +
        '# TYPE latency_seconds histogram\n# UNIT latency_seconds seconds\nlatency_seconds_count 1\n# EOF\n',
    );
  });

  test('series are asked for exemplars in OpenMetrics only', () => {
    const asked: boolean[] = [];
    const one = family('x', 'gauge', [], { series: (exemplars) => (asked.push(exemplars), []) });
    piecesOf([source(one)]);
    piecesOf([source(one)], true);
    assert.deepEqual(asked, [false, true]);
  });

  test('nothing: an empty text, in OpenMetrics its end', () => {
    assert.deepEqual([piecesOf([]).pieces, piecesOf([], true).pieces], [[''], ['# EOF\n']]);
  });
});

describe('several components', () => {
  test('families of one name stand together under the first head', () => {
    const other = family('calls', 'counter', ['calls_total{a="2"} 2\n'], { help: 'Other.' });
    assert.deepEqual(
      piecesOf([source(CALLS, SECONDS), source(other)])
        .pieces.join('')
        .split('\n')
        .filter((line) => line.includes('calls')),
      [
        '# HELP calls_total All "calls"\\nof \\\\ spans.',
        '# TYPE calls_total counter',
        'calls_total{a="1"} 1',
        'calls_total{a="2"} 2',
      ],
    );
  });

  test('one of another type is left out and counted', () => {
    const { pieces, leftOut } = piecesOf([source(CALLS), source(family('calls', 'gauge', ['calls 7\n']))]);
    assert.deepEqual([pieces.join('').includes('calls 7'), leftOut], [false, 1]);
  });
});

describe('pieces', () => {
  test('are bounded, however much text there is; what was not read is not made', () => {
    let made = 0;
    function* lines(): Generator<string> {
      for (; made < 100_000; made++) yield 'x'.repeat(99) + '\n';
    }
    const next = derivedText([source(family('x', 'gauge', lines()))], false, leftOutCounter(new FakeMeter()));
    assert.ok((next()?.length ?? 0) < 140 * 1024 && made < 1500);
    let length = 0;
    let longest = 0;
    for (let piece = next(); piece !== null; piece = next()) {
      length += piece.length;
      longest = Math.max(longest, piece.length);
    }
    assert.ok(length > 9_000_000 && longest < 140 * 1024);
  });

  test('are bounded in the series looked at too', () => {
    let made = 0;
    function* nothing(): Generator<string> {
      for (; made < 10_000; made++) yield '';
    }
    const next = derivedText([source(family('x', 'gauge', nothing()))], false, leftOutCounter(new FakeMeter()));
    next();
    assert.ok(made <= 1000);
  });
});
