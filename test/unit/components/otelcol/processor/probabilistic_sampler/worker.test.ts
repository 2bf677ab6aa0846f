import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { args as schema } from '#components/otelcol/processor/probabilistic_sampler/schema.ts';
import { create } from '#components/otelcol/processor/probabilistic_sampler/worker.ts';
import { LOGS, TRACES, type Signal } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { decodeRequest, encodeRequest, type PlainMessage } from '#test/support/otlp-proto.ts';
import { PayloadSource } from '#test/support/payloads.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

type Item = Readonly<Record<string, unknown>>;
const MODES = ['hash_seed', 'proportional', 'equalizing'] as const;
const CONSISTENT = ['proportional', 'equalizing'] as const;
/** Its lower 56 bits are exactly half of all. */
const HALF = 'fefefefefefefefefe80000000000000';
const LARGEST = '111111111111111111ffffffffffffff';

const wrapped = (signal: Signal, items: readonly Item[]): Buffer =>
  signal === TRACES
    ? encodeRequest(TRACES, { resourceSpans: [{ scopeSpans: [{ spans: items }] }] })
    : encodeRequest(LOGS, { resourceLogs: [{ scopeLogs: [{ logRecords: items }] }] });

function itemsIn(signal: Signal, bytes: Buffer): PlainMessage[] {
  const [entries, scopes, items] =
    signal === TRACES ? ['resourceSpans', 'scopeSpans', 'spans'] : ['resourceLogs', 'scopeLogs', 'logRecords'];
  const inside = (list: PlainMessage[], name: string) => list.flatMap((one) => (one[name] ?? []) as PlainMessage[]);
  return inside(inside((decodeRequest(signal, bytes)[entries] ?? []) as PlainMessage[], scopes), items);
}

interface Ran {
  readonly items: PlainMessage[];
  readonly ctx: TestWorkerContext;
}

function run(signal: Signal, settings: string, items: readonly Item[]): Ran {
  const ctx = workerContext('otelcol.processor.probabilistic_sampler.default');
  const part = create(argsOf(schema, `${settings}\noutput { }`), ctx);
  void part.start();
  const bytes = wrapped(signal, items);
  void part.input!.consume({ signal, bytes, items: items.length, metadata: null, owned: true });
  const { taken } = signal === TRACES ? ctx.next.traces : ctx.next.logs;
  const made = taken.flatMap((batch) => itemsIn(signal, batch.bytes));
  assert.equal(
    taken.reduce((sum, batch) => sum + batch.items, 0),
    made.length,
  );
  return { items: made, ctx };
}

const id = (hex: string): Buffer => Buffer.from(hex, 'hex');
const attribute = (key: string, value: object) => ({ key, value });
const counted = ({ ctx }: Ran, word: 'traces' | 'logs', policy: string, sampled: boolean): number =>
  ctx.meter.value(`otelcol_processor_probabilistic_sampler_count_${word}_sampled_total`, {
    policy,
    sampled: String(sampled),
  });

describe('trace state', () => {
  interface Case {
    readonly name: string;
    readonly rate: number;
    readonly state?: string;
    readonly id?: string;
    readonly more?: string;
    readonly priority?: object;
    /** By mode: the trace state that comes out, or null where the span does not. */
    readonly gives: string | null | Readonly<Record<(typeof CONSISTENT)[number], string | null>>;
    readonly error?: string;
  }
  const precise = 'sampling_precision = 14';
  const open = 'fail_closed = false';
  // What the Collector's own tests expect.
  const cases: readonly Case[] = [
    { name: 'all', rate: 100, gives: 'ot=th:0' },
    { name: 'more than all', rate: 200, gives: 'ot=th:0' },
    { name: 'half, just sampled', rate: 50, gives: 'ot=th:8' },
    { name: 'a little less than half', rate: 49, gives: null },
    { name: 'a quarter', rate: 25, id: 'ddddddddddddddddddc0000000000000', gives: 'ot=th:c' },
    { name: 'a quarter, not sampled', rate: 25, id: 'ddddddddddddddddddb0000000000000', gives: null },
    {
      name: 'an exact random value, upper case passes',
      rate: 1,
      more: precise,
      state: 'ot=rv:FD70A3D70A3D71',
      gives: 'ot=rv:FD70A3D70A3D71;th:fd70a3d70a3d71',
    },
    { name: 'one less', rate: 1, more: precise, state: 'ot=rv:FD70A3D70A3D70', gives: null },
    { name: 'in four digits', rate: 1, state: 'ot=rv:FD70A3D70A3D71', gives: 'ot=rv:FD70A3D70A3D71;th:fd70a' },
    { name: 'in three digits', rate: 1, more: 'sampling_precision = 3', state: 'ot=rv:FD70A3D70A3D71', gives: null },
    { name: '1 percent by id', rate: 1, id: 'a0a0a0a0a0a0a0a0a0fe000000000000', gives: 'ot=th:fd70a' },
    { name: 'by priority', rate: 1, priority: { intValue: 2 }, gives: 'ot=th:0' },
    { name: 'not, by priority', rate: 99, priority: { intValue: 0 }, gives: null },
    {
      name: 'half of a half',
      rate: 50,
      state: 'ot=rv:90000000000000;th:80000000000000',
      gives: { equalizing: 'ot=rv:90000000000000;th:8', proportional: null },
    },
    { name: 'a quarter of a half, not sampled', rate: 25, state: 'ot=th:8', gives: null },
    {
      name: 'a quarter of a half',
      rate: 25,
      id: LARGEST,
      state: 'ot=th:8',
      gives: { equalizing: 'ot=th:c', proportional: 'ot=th:e' },
    },
    {
      name: 'half of a half, sampled',
      rate: 50,
      state: 'ot=rv:c0000000000000;th:8',
      gives: { equalizing: 'ot=rv:c0000000000000;th:8', proportional: 'ot=rv:c0000000000000;th:c' },
    },
    {
      name: 'a threshold that cannot be, open',
      rate: 100,
      more: open,
      state: 'ot=rv:40000000000000;th:8',
      gives: 'ot=rv:40000000000000;th:0',
      error: 'inconsistent_threshold',
    },
    {
      name: 'a threshold that cannot be, closed',
      rate: 100,
      state: 'ot=th:8;rv:70000000000000',
      gives: null,
      error: 'inconsistent_threshold',
    },
    {
      name: '40 percent in three digits',
      rate: 40,
      more: 'sampling_precision = 3',
      state: 'ot=rv:a0000000000000',
      gives: 'ot=rv:a0000000000000;th:99a',
    },
    {
      name: '40 percent of a half',
      rate: 40,
      more: 'sampling_precision = 6',
      id: 'a0a0a0a0a0a0a0a0a0d0000000000000',
      state: 'ot=th:8',
      gives: { equalizing: 'ot=th:99999a', proportional: 'ot=th:cccccd' },
    },
    {
      name: 'a rate of 2^-14 twice',
      rate: 100 * 2 ** -14,
      id: LARGEST,
      state: 'ot=th:fffc',
      gives: { equalizing: 'ot=th:fffc', proportional: 'ot=th:fffffff' },
    },
    {
      name: 'nearly all: as much as a float32 can say',
      rate: (1 - 8e-7) * 100,
      more: 'sampling_precision = 10',
      id: LARGEST,
      gives: 'ot=th:00000cccccccd',
    },
    {
      name: 'too little to say',
      rate: 2 ** -4,
      id: LARGEST,
      state: 'ot=th:fffffffffffff8',
      gives: { equalizing: 'ot=th:fffffffffffff8', proportional: null },
    },
    { name: 'no trace id', rate: 100, id: '0'.repeat(32), gives: null, error: 'missing_randomness' },
    {
      name: 'no trace id, open',
      rate: 1,
      more: open,
      id: '0'.repeat(32),
      gives: 'ot=th:0',
      error: 'missing_randomness',
    },
    { name: 'rv of 16 digits', rate: 100, state: 'ot=rv:abababababababab', gives: null, error: 'malformed' },
    { name: 'th of 16 digits', rate: 100, state: 'ot=th:abababababababab', gives: null, error: 'malformed' },
    { name: 'th of no digits', rate: 100, state: 'ot=th:-1', gives: null, error: 'malformed' },
    { name: 'malformed, open: it stays as it is', rate: 1, more: open, state: 'x', gives: 'x', error: 'malformed' },
    {
      name: 'other members and fields stay, ot comes first',
      rate: 100,
      state: ' a=1 ,,\tb@c=x y , ot=p:8;rv:ffffffffffffff;q:2,d=\x21',
      gives: 'ot=rv:ffffffffffffff;th:0;p:8;q:2,a=1,b@c=x y,d=!',
    },
  ];
  for (const mode of CONSISTENT)
    for (const { name, rate, state, priority, gives, error, more = '', id: traceId = HALF } of cases)
      it(`${mode}: ${name}`, () => {
        const span = {
          traceId: id(traceId),
          traceState: state,
          attributes: priority === undefined ? [] : [attribute('sampling.priority', priority)],
        };
        const ran = run(TRACES, `mode = "${mode}"\nsampling_percentage = ${rate}\n${more}`, [span]);
        const wanted = gives === null || typeof gives === 'string' ? gives : gives[mode];
        assert.deepEqual(
          ran.items.map((item) => item['traceState']),
          wanted === null ? [] : [wanted],
        );
        const errors = 'millrace_processor_probabilistic_sampler_errors_total';
        if (error === undefined) assert.ok(!ran.ctx.meter.names.includes(errors));
        else assert.equal(ran.ctx.meter.value(errors, { error, otel_signal: 'traces' }), 1);
      });

  it('malformed in every way that the Collector knows', () => {
    const many = (n: number): string => Array.from({ length: n }, (_, i) => `k${i}=v`).join(',');
    const bad = [
      '=v',
      'k',
      'K=v',
      '1=v',
      '1@=v',
      '@a=v',
      'a@1=v',
      'a@b@c=v',
      'k=',
      'k=a=b',
      'k=\x7f',
      'ot=',
      'ot=a',
      'ot=:1',
      'ot=A:1',
      'ot=a:1;',
      'ot=a:1;;b:2',
      'ot=a:$',
      'ot=th:',
      `${'k'.repeat(257)}=v`,
      `${'t'.repeat(242)}@s=v`,
      `t@${'s'.repeat(15)}=v`,
      `k=${'v'.repeat(257)}`,
      many(32),
      `a=${'v'.repeat(256)},b=${'v'.repeat(256)},c=${'v'.repeat(256)},d=${'v'.repeat(256)}`,
    ];
    const good = [
      '',
      ',',
      'k=v',
      '1@a=v',
      'a_-*/=v',
      `${'k'.repeat(256)}=v`,
      `k=${'v'.repeat(256)}`,
      many(31),
      'ot=a:',
      'ot=a1:-._Z',
    ];
    const passes = (traceState: string): boolean =>
      run(TRACES, 'mode = "equalizing"\nsampling_percentage = 100', [{ traceId: id(HALF), traceState }]).items
        .length === 1;
    assert.deepEqual(bad.filter(passes), []);
    assert.deepEqual(
      good.filter((state) => !passes(state)),
      [],
    );
  });
});

describe('hash_seed', () => {
  for (const [rate, threshold] of [
    [100, '0'],
    [75, '4'],
    [50, '8'],
    [25, 'c'],
    [10, 'e668'],
    [100 / 3, 'aaac'],
  ] as const)
    it(`${rate} percent writes threshold ${threshold} and the random value`, () => {
      const source = new PayloadSource(3);
      const spans = Array.from({ length: 400 }, () => ({ traceId: source.bytes(16) }));
      const ran = run(TRACES, `sampling_percentage = ${rate}\nhash_seed = 4312`, spans);
      assert.ok(ran.items.length > 0);
      for (const item of ran.items) {
        const [, random, th] = /^ot=rv:([0-9a-f]{14});th:([0-9a-f]+)$/.exec(String(item['traceState'])) ?? [];
        assert.equal(th, threshold);
        assert.ok(random >= threshold.padEnd(14, '0'));
      }
      assert.equal(counted(ran, 'traces', 'trace_id_hash', true), ran.items.length);
      // Another collector with another rate goes on with what was decided.
      const again = run(
        TRACES,
        'mode = "equalizing"\nsampling_percentage = 1',
        ran.items.map((item) => ({ ...item, traceId: id(item['traceId'] as string) })),
      );
      assert.ok(!again.ctx.meter.names.includes('millrace_processor_probabilistic_sampler_errors_total'));
    });

  it('is the mode unless another is set, also for rates that round to nothing', () => {
    const [span] = run(TRACES, 'sampling_percentage = 100', [{ traceId: id(HALF) }]).items;
    assert.match(String(span['traceState']), /^ot=rv:/);
    assert.equal(run(TRACES, 'sampling_percentage = 0.001', [{ traceId: id(LARGEST) }]).items.length, 0);
  });

  for (const [state, error] of [
    ['ot=rv:ffffffffffffff', 'randomness_in_use'],
    ['ot=th:8', 'threshold_in_use'],
    ['ot', 'malformed'],
  ])
    it(`leaves ${state} alone`, () => {
      const span = { traceId: id(LARGEST), traceState: state };
      assert.equal(run(TRACES, 'sampling_percentage = 100', [span]).items.length, 0);
      const ran = run(TRACES, 'sampling_percentage = 1\nfail_closed = false', [span]);
      assert.equal(ran.items[0]['traceState'], state);
      assert.equal(ran.ctx.meter.value('millrace_processor_probabilistic_sampler_errors_total', { error }), 1);
    });
});

describe('sampling.priority of spans', () => {
  for (const [value, wanted] of [
    [{ intValue: 0 }, false],
    [{ intValue: 1 }, true],
    [{ intValue: '9007199254740993' }, true],
    [{ intValue: -1 }, null],
    [{ doubleValue: 0 }, false],
    [{ doubleValue: -0 }, false],
    [{ doubleValue: 0.5 }, true],
    [{ doubleValue: -0.5 }, null],
    [{ stringValue: '0.0' }, false],
    [{ stringValue: '1e-3' }, true],
    [{ stringValue: '-0.5' }, null],
    [{ stringValue: 'NaN' }, null],
    [{ stringValue: '1 ' }, null],
    [{ stringValue: '' }, null],
    [{ stringValue: '1'.repeat(400) }, null],
    [{ boolValue: true }, null],
    [{ bytesValue: Buffer.from('1') }, null],
  ] as const)
    it(`${JSON.stringify(value)} ${wanted === null ? 'asks for nothing' : wanted ? 'keeps' : 'drops'}`, () => {
      for (const mode of MODES)
        for (const rate of [0, 100]) {
          const span = { traceId: id(HALF), attributes: [attribute('sampling.priority', value)] };
          const ran = run(TRACES, `mode = "${mode}"\nsampling_percentage = ${rate}`, [span]);
          const sampled = wanted ?? rate === 100;
          assert.equal(ran.items.length, sampled ? 1 : 0);
          if (wanted !== null) assert.equal(counted(ran, 'traces', 'sampling_priority', sampled), 1);
        }
    });
});

describe('log records', () => {
  const attributesOf = (item: PlainMessage): Record<string, unknown> =>
    Object.fromEntries(
      ((item['attributes'] ?? []) as unknown as { key: string; value: object }[]).map(({ key, value }) => [
        key,
        Object.values(value)[0],
      ]),
    );
  const record = (traceId: string | null, attributes: Readonly<Record<string, object>>): Item => ({
    ...(traceId === null ? {} : { traceId: id(traceId) }),
    attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
  });
  const text = (stringValue: string) => ({ stringValue });

  it('get attributes with what was decided', () => {
    const [item] = run(LOGS, 'mode = "proportional"\nsampling_percentage = 100', [
      record(HALF, { K: text('V') }),
    ]).items;
    assert.deepEqual(attributesOf(item), { K: 'V', 'sampling.threshold': '0' });
    const [hashed] = run(LOGS, 'sampling_percentage = 100\nhash_seed = 22', [record(HALF, { K: text('V') })]).items;
    assert.deepEqual(Object.keys(attributesOf(hashed)), ['K', 'sampling.randomness', 'sampling.threshold']);
    assert.match(String(attributesOf(hashed)['sampling.randomness']), /^[0-9a-f]{14}$/);
  });

  it('a threshold that they come with is taken into account, and replaced where it is', () => {
    const quarter = record('fefefefefefefefefef0000000000000', { 'sampling.threshold': text('c'), K: text('V') });
    const ran = run(LOGS, 'mode = "proportional"\nsampling_percentage = 50', [quarter]);
    assert.deepEqual(Object.entries(attributesOf(ran.items[0])), [
      ['sampling.threshold', 'e'],
      ['K', 'V'],
    ]);
    assert.equal(counted(ran, 'logs', 'trace_id_w3c', true), 1);
  });

  it('a random value that they come with decides', () => {
    const given = record(HALF, { 'sampling.randomness': text('e6147c00000000'), p: { doubleValue: 10.125 } });
    const settings = 'mode = "equalizing"\nsampling_percentage = 0\nsampling_priority = "p"\nsampling_precision = 6';
    // At 0 percent only the priority decides, and lets through whatever it is more than nothing for.
    assert.equal(attributesOf(run(LOGS, settings, [given]).items[0])['sampling.threshold'], 'e6147b');
    const ran = run(LOGS, 'mode = "equalizing"\nsampling_percentage = 10', [given]);
    assert.equal(ran.items.length, 0);
    assert.equal(counted(ran, 'logs', 'sampling_randomness', false), 1);
  });

  it('a priority does not make them stand for fewer than they did', () => {
    const given = record('fefefefefefefefefefefefefefefefe', { 'sampling.threshold': text('c'), p: { intValue: 37 } });
    const ran = run(LOGS, 'mode = "equalizing"\nsampling_percentage = 50\nsampling_priority = "p"', [given]);
    assert.equal(attributesOf(ran.items[0])['sampling.threshold'], 'c');
    assert.equal(counted(ran, 'logs', 'sampling_priority', true), 1);
  });

  for (const [what, value] of Object.entries({
    'a text': text('100'),
    zero: { intValue: 0 },
    'more than 100': { doubleValue: 101 },
    'less than 0': { intValue: -5 },
  }))
    it(`a priority of ${what} is none`, () => {
      const settings = (rate: number): string =>
        `mode = "proportional"\nsampling_percentage = ${rate}\nsampling_priority = "p"`;
      assert.equal(run(LOGS, settings(100), [record(HALF, { p: value })]).items.length, 1);
      assert.equal(run(LOGS, settings(0), [record(HALF, { p: value })]).items.length, 0);
    });

  describe('are hashed by an attribute', () => {
    const settings = (source: string): string =>
      `sampling_percentage = 100\nhash_seed = 49\nattribute_source = "${source}"\nfrom_attribute = "a"`;
    const randomOf = (source: string, traceId: string | null, value: object): unknown =>
      attributesOf(run(LOGS, settings(source), [record(traceId, { a: value })]).items[0])['sampling.randomness'];

    it('with attribute_source record, or without a trace id', () => {
      const byAttribute = randomOf('record', HALF, text('1234'));
      assert.equal(randomOf('record', LARGEST, text('1234')), byAttribute);
      assert.equal(randomOf('traceID', null, text('1234')), byAttribute);
      assert.notEqual(randomOf('traceID', HALF, text('1234')), byAttribute);
      const ran = run(LOGS, settings('record'), [record(HALF, { a: text('1234') })]);
      assert.equal(counted(ran, 'logs', 'a', true), 1);
    });

    it('whose bytes are those of its text', () => {
      const byAttribute = randomOf('record', null, text('1234'));
      assert.equal(randomOf('record', null, { bytesValue: Buffer.from('1234') }), byAttribute);
      assert.equal(randomOf('record', null, { intValue: 1234 }), byAttribute);
    });

    for (const [what, attributes] of Object.entries({ missing: {}, empty: { a: text('') } }))
      it(`and not by one that is ${what}`, () => {
        assert.equal(run(LOGS, settings('record'), [record(HALF, attributes)]).items.length, 0);
        const ran = run(LOGS, `${settings('record')}\nfail_closed = false`, [record(HALF, attributes)]);
        assert.equal(attributesOf(ran.items[0])['sampling.threshold'], '0');
        assert.equal(counted(ran, 'logs', 'missing_randomness', true), 1);
      });
  });

  it('with attributes that cannot be read, or that are in the way', () => {
    for (const [mode, attributes, error] of [
      ['proportional', { 'sampling.threshold': text('xyz') }, 'malformed'],
      ['proportional', { 'sampling.randomness': text('f') }, 'malformed'],
      ['hash_seed', { 'sampling.randomness': text('f2341234123412') }, 'randomness_in_use'],
      ['hash_seed', { 'sampling.threshold': text('8') }, 'threshold_in_use'],
      ['equalizing', { 'sampling.threshold': text('c') }, 'inconsistent_threshold'],
    ] as const) {
      const given = record(HALF, attributes);
      assert.equal(run(LOGS, `mode = "${mode}"\nsampling_percentage = 100`, [given]).items.length, 0);
      const ran = run(LOGS, `mode = "${mode}"\nsampling_percentage = 100\nfail_closed = false`, [given]);
      const left =
        error === 'inconsistent_threshold' ? { 'sampling.threshold': '0' } : attributesOf(given as PlainMessage);
      assert.deepEqual(attributesOf(ran.items[0]), left);
      assert.equal(
        ran.ctx.meter.value('millrace_processor_probabilistic_sampler_errors_total', { error, otel_signal: 'logs' }),
        1,
      );
    }
  });

  it('values that are no text say nothing', () => {
    const given = record(HALF, { 'sampling.threshold': { intValue: 8 }, 'sampling.randomness': text('') });
    const ran = run(LOGS, 'mode = "proportional"\nsampling_percentage = 100', [given]);
    assert.deepEqual(attributesOf(ran.items[0]), { 'sampling.threshold': '0', 'sampling.randomness': '' });
  });
});

describe('what is kept', () => {
  const source = new PayloadSource(11);
  const spans = Array.from({ length: 20_000 }, (_, i) => ({ traceId: source.bytes(16), name: `#${i}` }));
  const kept = (settings: string, of: readonly Item[] = spans): PlainMessage[] => run(TRACES, settings, of).items;
  const again = (items: readonly PlainMessage[]): Item[] =>
    items.map((item) => ({ ...item, traceId: id(item['traceId'] as string) }));
  const namesOf = (items: readonly PlainMessage[]): unknown[] => items.map((item) => item['name']);

  for (const mode of MODES)
    for (const rate of [1, 10, 33.3, 50, 90, 99.9])
      it(`${mode}: ${rate} percent are`, () => {
        const count = kept(`mode = "${mode}"\nsampling_percentage = ${rate}`).length;
        // Six standard deviations.
        const allowed = 6 * Math.sqrt(spans.length * (rate / 100) * (1 - rate / 100)) + 2;
        assert.ok(Math.abs(count - (spans.length * rate) / 100) <= allowed, `${count} of ${spans.length}`);
      });

  for (const mode of MODES)
    it(`${mode}: at a lower rate is kept at a higher one`, () => {
      const low = namesOf(kept(`mode = "${mode}"\nsampling_percentage = 10`));
      const high = new Set(namesOf(kept(`mode = "${mode}"\nsampling_percentage = 50`)));
      assert.ok(low.length > 0 && low.every((name) => high.has(name)));
    });

  it('proportional in two stages is the same as in one, in any order', () => {
    const stage = (rate: number): string =>
      `mode = "proportional"\nsampling_precision = 14\nsampling_percentage = ${rate}`;
    const one = kept(stage(12.5));
    for (const [first, second] of [
      [25, 50],
      [50, 25],
    ])
      assert.deepEqual(kept(stage(second), again(kept(stage(first)))), one);
  });

  it('equalizing in two stages is the lower one', () => {
    const stage = (rate: number): string => `mode = "equalizing"\nsampling_percentage = ${rate}`;
    assert.deepEqual(kept(stage(50), again(kept(stage(10)))), kept(stage(10)));
    assert.deepEqual(kept(stage(10), again(kept(stage(50)))), kept(stage(10)));
  });

  it('is the same for all spans of a trace, and whatever collector decides', () => {
    const twice = spans.slice(0, 500).flatMap((span) => [span, { ...span, name: `${span.name}b` }]);
    const names = namesOf(kept('mode = "proportional"\nsampling_percentage = 20', twice));
    const first = names.filter((name) => !String(name).endsWith('b'));
    assert.deepEqual(
      names,
      first.flatMap((name) => [name, `${String(name)}b`]),
    );
  });
});

test('everything but the trace state of what is kept stays as it was', () => {
  const bytes = new PayloadSource(5).traces(300, 5);
  const ctx = workerContext('otelcol.processor.probabilistic_sampler.default');
  const part = create(argsOf(schema, 'mode = "proportional"\nsampling_percentage = 50\noutput { }'), ctx);
  void part.input!.consume({ signal: TRACES, bytes, items: 300, metadata: null, owned: true });
  const [made] = ctx.next.traces.taken;
  const before = new Map(itemsIn(TRACES, bytes).map((span) => [span['spanId'], span]));
  const after = itemsIn(TRACES, made.bytes);
  assert.ok(after.length > 50 && after.length < 250);
  for (const span of after)
    assert.deepEqual({ ...span, traceState: undefined }, { ...before.get(span['spanId']), traceState: undefined });
  const counters = 'otelcol_processor_probabilistic_sampler_count_traces_sampled_total';
  assert.equal(ctx.meter.value(counters, { sampled: 'true' }), after.length);
  assert.equal(ctx.meter.value(counters), 300);
});

test('no trace state, however odd, makes it fail, or loses the members of others', () => {
  const member = fc.oneof(
    fc.constantFrom('ot=th:8', 'ot=rv:ffffffffffffff', 'ot=th:8;rv:ffffffffffffff;x:1', 'a=1', 'b@c=2', '', ' ', 'ot='),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(member, { maxLength: 6 }), fc.constantFrom(...MODES), (members, mode) => {
      const traceState = members.join(',');
      const { items } = run(TRACES, `mode = "${mode}"\nsampling_percentage = 100\nfail_closed = false`, [
        { traceId: id(LARGEST), traceState },
      ]);
      const others = (state: string): string[] =>
        state
          .split(',')
          .map((one) => one.replace(/^[ \t]+|[ \t]+$/g, ''))
          .filter((one) => one !== '' && !one.startsWith('ot='));
      assert.deepEqual(others(String(items[0]['traceState'])), others(traceState));
    }),
  );
});
