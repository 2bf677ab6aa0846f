import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adjustedCount, MAX_ADJUSTED_COUNT } from '#components/otelcol/connector/spanmetrics/sampling.ts';

const of = (state: string): number => {
  const bytes = Buffer.from(`xx${state}xx`);
  return adjustedCount(bytes, 2, bytes.length - 2);
};

describe('adjusted count', () => {
  it('is 1 divided by the probability that the threshold tells', () => {
    assert.equal(of('ot=th:0'), 1);
    assert.equal(of('ot=th:8'), 2);
    assert.equal(of('ot=th:c'), 4);
    assert.equal(of('ot=th:f'), 16);
    assert.equal(of('ot=th:ff'), 256);
    assert.equal(of('ot=th:80000000000000'), 2);
    assert.equal(of('ot=th:6'), 1.6);
  });

  it('is found among other members and fields', () => {
    for (const state of ['a=b,ot=th:8', 'a=b , \tot=rv:abcdef;th:8\t ,c=d', 'ot=p:8;r:62;th:8;x:y', 'not=th:c,ot=th:8'])
      assert.equal(of(state), 2, state);
  });

  it('is 1 where there is no valid threshold', () => {
    const none = [
      '',
      ',',
      'ot=',
      'ot=th:',
      'ot=th:g',
      'ot=th:C',
      'ot=th:8 8',
      'ot=th:800000000000000',
      'a=ot=th:8',
      'ot=xth:8',
      'OT=th:8',
      'ot',
    ];
    for (const state of none) assert.equal(of(state), 1, state);
  });

  it('has a bound', () => {
    assert.equal(of('ot=th:ffffffffffffff'), MAX_ADJUSTED_COUNT);
    assert.equal(of('ot=th:fffffffff'), MAX_ADJUSTED_COUNT);
    assert.equal(of('ot=th:fffff'), 2 ** 20);
  });
});
