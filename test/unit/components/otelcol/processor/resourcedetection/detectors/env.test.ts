import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { detect, plain, surroundedBy } from '#test/support/detecting.ts';

const GOOD: readonly [string, Readonly<Record<string, string>>][] = [
  ['a=b', { a: 'b' }],
  [' a = b , c.d/e = f ', { a: 'b', 'c.d/e': 'f' }],
  ['a=b,', { a: 'b' }],
  ['a=', { a: '' }],
  ['a=b=c', { a: 'b=c' }],
  ['a=1,a=2', { a: '2' }],
  ['a=x%2Cy%20z+%25', { a: 'x,y z %' }],
  ['a=%C3%A9', { a: 'é' }],
  ['a=%FF', { a: '\ufffd' }],
  ['   ', {}],
];
const BAD: readonly [string, RegExp][] = [
  ['a', /there is no "=" in "a"/],
  ['a=b,c', /there is no "=" in "c"/],
  ['a=b,,c=d', /there is no "="/],
  ['=b', /there is no key/],
  ['a=é', /not ASCII/],
  ['a=%2', /"%" is not followed/],
  ['a=%zz', /"%" is not followed/],
  [`a=${'x'.repeat(257)}`, /at most 256 characters/],
];

describe('env', () => {
  for (const [text, gives] of GOOD)
    test(JSON.stringify(text), async (t) => {
      const around = await surroundedBy(t, { variables: { OTEL_RESOURCE_ATTRIBUTES: text } });
      const detection = await detect(around, '');
      assert.deepEqual(plain(detection), gives);
      assert.equal(detection.schemaUrl, '');
      assert.deepEqual(detection.failures, []);
    });

  for (const [text, why] of BAD)
    test(`refuses ${JSON.stringify(text.slice(0, 20))}`, async (t) => {
      const around = await surroundedBy(t, { variables: { OTEL_RESOURCE_ATTRIBUTES: text } });
      const { attributes, failures } = await detect(around, 'timeout = "1ms"');
      assert.equal(attributes.size, 0);
      assert.match(failures[0].why, why);
    });

  test('the old variable counts where the new one is empty', async (t) => {
    const old = await surroundedBy(t, { variables: { OTEL_RESOURCE_ATTRIBUTES: ' ', OTEL_RESOURCE: 'a=old' } });
    assert.deepEqual(plain(await detect(old, '')), { a: 'old' });
    const both = await surroundedBy(t, {
      variables: { OTEL_RESOURCE_ATTRIBUTES: 'a=new', OTEL_RESOURCE: 'a=old,b=c' },
    });
    assert.deepEqual(plain(await detect(both, '')), { a: 'new' });
  });
});
