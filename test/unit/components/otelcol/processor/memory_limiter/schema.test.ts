import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limitsOf } from '#components/otelcol/processor/memory_limiter/limits.ts';
import { args } from '#components/otelcol/processor/memory_limiter/schema.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';

const MIB = 1 << 20;
const OUTPUT = 'output { }';
/** Lines count from 1: check_interval, then these. */
const problems = (...lines: string[]): readonly string[] =>
  decodeArgs(args, ['check_interval = "1s"', ...lines, OUTPUT].join('\n')).problems;

describe('arguments', () => {
  it('are good with a limit or a percentage, alone or with a spike', () => {
    for (const lines of [
      ['limit = "1GiB"'],
      ['limit = "1GiB"', 'spike_limit = "1023MiB"'],
      ['limit_percentage = 100'],
      ['limit_percentage = 75', 'spike_limit_percentage = 74'],
      ['limit_percentage = 90', 'spike_limit_percentage = 0'],
    ])
      assert.deepEqual(problems(...lines), []);
  });

  for (const [what, lines, wanted] of [
    ['no limit', [], '0: either limit or limit_percentage must be set to greater than zero'],
    [
      'both limits',
      ['limit = "1GiB"', 'limit_percentage = 10'],
      '3: either limit or limit_percentage must be set, but not both',
    ],
    ['a negative limit', ['limit = "-1GiB"'], '2: limit must not be negative'],
    ['a negative spike', ['limit = "1GiB"', 'spike_limit = "-1MiB"'], '3: spike_limit must not be negative'],
    [
      'a spike as large as the limit',
      ['limit = "1GiB"', 'spike_limit = "1GiB"'],
      '3: spike_limit must be less than limit',
    ],
    ['a percentage above 100', ['limit_percentage = 101'], '2: limit_percentage must be less than or equal to 100'],
    [
      'a spike of 100 %',
      ['limit_percentage = 100', 'spike_limit_percentage = 100'],
      '3: spike_limit_percentage must be less than limit_percentage',
    ],
  ] as const)
    it(`refuse ${what}, at its place`, () => {
      const [first] = problems(...lines);
      assert.equal(first, wanted);
    });

  it('refuse a check_interval of zero, or none', () => {
    const rest = `limit = "1GiB"\n${OUTPUT}`;
    assert.deepEqual(decodeArgs(args, `check_interval = "0s"\n${rest}`).problems, [
      '1: check_interval must be greater than zero',
    ]);
    assert.match(decodeArgs(args, rest).problems.join(), /check_interval/);
  });
});

describe('limits', () => {
  const limits = (text: string, capacityMib = 1000): readonly number[] => {
    const { hardBytes, softBytes } = limitsOf(
      argsOf(args, `check_interval = "1s"\n${text}\n${OUTPUT}`),
      capacityMib * MIB,
    );
    return [hardBytes / MIB, softBytes / MIB];
  };
  it('of a size, whatever memory there is', () => {
    assert.deepEqual(limits('limit = "4000MiB"\nspike_limit = "800MiB"', 10), [4000, 3200]);
    assert.deepEqual(limits('limit = "500MiB"'), [500, 400]);
    assert.deepEqual(limits('limit = "500MiB"\nspike_limit_percentage = 1'), [500, 400]);
  });
  it('of a percentage: both are shares of the memory that there is', () => {
    assert.deepEqual(limits('limit_percentage = 80\nspike_limit_percentage = 15'), [800, 650]);
    assert.deepEqual(limits('limit_percentage = 80'), [800, 640]);
    assert.deepEqual(limits('limit_percentage = 80', 500), [400, 320]);
  });
});
